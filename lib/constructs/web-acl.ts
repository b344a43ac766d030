import * as wafv2 from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import { problems } from '#engine/catalog/problems.ts'
import type { StageSettings } from '../config.ts'

interface Props {
  readonly settings: Pick<StageSettings, 'stage' | 'api'>
  /** The API's stage. */
  readonly resourceArn: string
}

/**
 * Managed rules in the order in which they are cheap to refuse by. `counts`: rules of a group that only count here.
 * API Gateway shows a web ACL the first 16 KB of a body, and bodies may have 64: the functions bound them.
 */
const MANAGED = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counts: [] },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counts: [] },
  { name: 'AWSManagedRulesCommonRuleSet', counts: ['SizeRestrictions_BODY'] },
] as const
const TOO_MANY = 'too-many-requests'
const RETRY_AFTER_SECONDS = '60'

/**
 * What is refused before API Gateway: one address that asks too often (429, a problem document), addresses of ill repute,
 * and requests that look like known attacks (400, by the gateway's own answers). It logs no request and samples none: they
 * hold addresses and tokens.
 */
export class WebAcl extends Construct {
  constructor(scope: Construct, id: string, { settings, resourceArn }: Props) {
    super(scope, id)
    const acl = new wafv2.CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible(`recourse-${settings.stage}`),
      customResponseBodies: {
        [TOO_MANY]: {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify({
            type: `urn:recourse:problem:${TOO_MANY}`,
            ...problems[TOO_MANY],
            detail: 'Too many requests from one address: wait a minute.',
          }),
        },
      },
      rules: [tooMany(settings.api.requestsPerAddress), ...MANAGED.map(managed)],
    })
    new wafv2.CfnWebACLAssociation(this, 'Association', { resourceArn, webAclArn: acl.attrArn })
  }
}

const visible = (metricName: string) => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
})

const tooMany = (limit: number): wafv2.CfnWebACL.RuleProperty => ({
  name: 'one-address',
  priority: 0,
  action: {
    block: {
      customResponse: {
        responseCode: problems[TOO_MANY].status,
        customResponseBodyKey: TOO_MANY,
        responseHeaders: [{ name: 'Retry-After', value: RETRY_AFTER_SECONDS }],
      },
    },
  },
  statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
  visibilityConfig: visible('one-address'),
})

const managed = ({ name, counts }: (typeof MANAGED)[number], index: number): wafv2.CfnWebACL.RuleProperty => ({
  name,
  priority: index + 1,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: 'AWS',
      name,
      ruleActionOverrides: counts.map(rule => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  visibilityConfig: visible(name),
})
