/** What a user copies and pastes to try the sample domains. */
export const orderExamples = (url: string) => `  # A product, and an order that waits for its end
  curl -s ${url}/products -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \\
    -d '{"productId":"tea","name":"Tea","price":{"amount":350,"currency":"EUR"},"stock":10}'
  curl -s ${url}/orders -H "Authorization: Bearer $ALICE" -H 'Content-Type: application/json' -H 'Prefer: wait=20' \\
    -d '{"items":[{"productId":"tea","quantity":2}],"paymentMethod":"tok_visa"}'

  # Its orders, and what the payment provider holds
  curl -s ${url}/orders -H "Authorization: Bearer $ALICE"
  curl -s ${url}/sandbox/charges -H "Authorization: Bearer $OPERATOR"

  # Payment methods tok_declined, tok_timeout and tok_unavailable fail in their own ways.`

export const quoteExamples = (url: string) => `  # A quote: a customer, a draft, its approval
  curl -s ${url}/customers -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \\
    -d '{"customerId":"carol","name":"Carol"}'
  curl -s ${url}/quotes -H "Authorization: Bearer $ALICE" -H 'Content-Type: application/json' \\
    -d '{"quoteID":"quote-1","customerId":"carol","premium":1200}'
  curl -s -X POST ${url}/quotes/quote-1/approve -H "Authorization: Bearer $ALICE" -H 'Prefer: wait=20'`
