/**
 * In the place of the SDK's cache of discovered endpoints (8 KB of a bundle). Nothing of ours asks DynamoDB where it
 * is: the client makes a cache and never looks into it, unless AWS_ENABLE_ENDPOINT_DISCOVERY is set, which says so here.
 */
export class EndpointCache {
  get(): never {
    throw new Error('Recourse is bundled without endpoint discovery: unset AWS_ENABLE_ENDPOINT_DISCOVERY')
  }
  getEndpoint = this.get
  set = this.get
  has = this.get
  delete = this.get
  clear = this.get
}
