/** An ARN as a person calls it, without what a stage puts before names: `table orders`, `topic orders-events`. Pure. */
export function nameOfResource(arn: string, namePrefix: string): string {
  if (arn === '*') return 'everything'
  const [, , service = '', , , ...rest] = arn.split(':')
  const name = rest.join(':')
  const bare = (text = '') => (text.startsWith(namePrefix) ? text.slice(namePrefix.length) : text)
  const [kind, ...parts] = name.split('/')
  switch (service) {
    case 'dynamodb':
      if (parts[1] === 'index') return `index ${bare(parts[0])}/${parts[2]}`
      return `${parts[1] === 'stream' ? 'change feed of' : 'table'} ${bare(parts[0])}`
    case 'kafka':
      return kind === 'cluster' ? 'the cluster' : `${kind} ${parts.at(-1)}`
    case 'logs':
      return 'its log group'
    case 'sqs':
      return 'the queue of failed events'
    case 'secretsmanager':
      return 'a secret of its Kafka'
    default:
      throw new Error(`no name for ${arn}`)
  }
}
