import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Signs clients in as MSK does with IAM: their token is a signed request to connect, and who signed it is the user. Here
 * that is a function's name. Signatures are not checked: nobody is kept out who is on this machine. Who is not listed in
 * the setting recourse.may.connect is refused. Each answer is a line of standard output, `sign-in allowed <user>`.
 */
public final class RoleSignIn implements AuthenticateCallbackHandler {
    private static final long DAY_MS = 24 * 60 * 60 * 1000L;
    private Set<String> mayConnect = Set.of();

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
        mayConnect = Set.of(String.valueOf(configs.get("recourse.may.connect")).split(","));
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerValidatorCallback validator) signIn(validator);
            else if (callback instanceof OAuthBearerExtensionsValidatorCallback extensions)
                extensions.inputExtensions().map().keySet().forEach(extensions::valid);
            else throw new UnsupportedCallbackException(callback);
        }
    }

    private void signIn(OAuthBearerValidatorCallback callback) {
        String user = userOf(callback.tokenValue());
        boolean allowed = mayConnect.contains(user);
        System.out.println("sign-in " + (allowed ? "allowed " : "denied ") + user);
        if (allowed) callback.token(new Token(callback.tokenValue(), user, System.currentTimeMillis()));
        else callback.error("access_denied", null, null);
    }

    /** `X-Amz-Credential=<user>/<date>/<region>/kafka-cluster/aws4_request` of a URL in Base64; empty for anything else. */
    private static String userOf(String token) {
        try {
            String url = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            for (String parameter : URI.create(url).getRawQuery().split("&"))
                if (parameter.startsWith("X-Amz-Credential="))
                    return URLDecoder.decode(parameter, StandardCharsets.UTF_8).split("[=/]")[1];
        } catch (RuntimeException notSuchAToken) {
            return "";
        }
        return "";
    }

    @Override
    public void close() {}

    private record Token(String value, String principalName, long since) implements OAuthBearerToken {
        @Override
        public Set<String> scope() {
            return Set.of();
        }

        @Override
        public long lifetimeMs() {
            return since + DAY_MS;
        }

        @Override
        public Long startTimeMs() {
            return since;
        }
    }
}
