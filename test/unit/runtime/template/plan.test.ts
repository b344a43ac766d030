import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../../localstack/runtime/template/cloud-assembly.ts'
import { planOf } from '../../../../localstack/runtime/template/plan.ts'

type Resources = Record<string, { Type: string; Properties?: object; Condition?: string }>

const plan = (resources: Resources) =>
  planOf([{ name: 'main', template: parseTemplate({ Resources: resources }), assets: { abc: '/bundles/product' } }])

const productFunction: Resources = {
  Product: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'product',
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::Region}' }, S3Key: 'abc.zip' },
      Handler: 'index.handler',
      Timeout: 60,
      MemorySize: 512,
      Environment: { Variables: { TABLE_PRODUCTS: 'products', PARTITIONS: 3 } },
    },
  },
  Helper: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'of a custom resource' } } },
}
const mapping = (properties: object): Resources => ({
  ...productFunction,
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Product' },
      Topics: ['products-commands'],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'product.products-commands' },
      ...properties,
    },
  },
})

describe('the plan of a template', () => {
  it('creates a table with its indexes and stream, billed on demand, and its expiry', () => {
    const { tables } = plan({
      Orders: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'orders',
          KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'orderId', AttributeType: 'S' }],
          GlobalSecondaryIndexes: [
            { IndexName: 'byCustomer', KeySchema: [], Projection: { ProjectionType: 'KEYS_ONLY' } },
          ],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    })
    expect(tables).toEqual([
      {
        name: 'orders',
        expires: 'expiresAt',
        create: {
          TableName: 'orders',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'orderId', AttributeType: 'S' }],
          GlobalSecondaryIndexes: [
            { IndexName: 'byCustomer', KeySchema: [], Projection: { ProjectionType: 'KEYS_ONLY' } },
          ],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        },
      },
    ])
  })

  it('reads a topic and its configuration', () => {
    const { topics } = plan({
      Topic: {
        Type: 'AWS::MSK::Topic',
        Properties: {
          TopicName: 'orders-events',
          PartitionCount: 3,
          Configs: { 'Fn::Base64': '{"cleanup.policy":"delete","retention.ms":"604800000"}' },
        },
      },
    })
    expect(topics).toEqual([
      { name: 'orders-events', partitions: 3, configs: { 'cleanup.policy': 'delete', 'retention.ms': '604800000' } },
    ])
  })

  it('loads only functions that something points to', () => {
    expect(plan(mapping({})).functions).toEqual([
      {
        name: 'product',
        arn: 'arn:aws:lambda:eu-west-1:000000000000:function:product',
        folder: '/bundles/product',
        handler: 'index.handler',
        environment: { TABLE_PRODUCTS: 'products', PARTITIONS: '3' },
        timeoutSeconds: 60,
        memoryMegabytes: 512,
      },
    ])
    expect(plan(productFunction).functions).toEqual([])
  })

  it('reads a Kafka mapping with everything that Lambda would honour', () => {
    const { kafkaSources, streamSources } = plan(
      mapping({
        BatchSize: 50,
        MaximumBatchingWindowInSeconds: 0,
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 3600,
        DestinationConfig: { OnFailure: { Destination: 'kafka://products-commands.dlq' } },
        FilterCriteria: { Filters: [{ Pattern: '{"value":{"commandType":["A"]}}' }] },
        EventSourceArn: 'arn:aws:kafka:x:1:cluster/c/u',
      }),
    )
    expect(streamSources).toEqual([])
    expect(kafkaSources).toEqual([
      {
        functionName: 'product',
        topic: 'products-commands',
        groupId: 'product.products-commands',
        sourceArn: 'arn:aws:kafka:x:1:cluster/c/u',
        batchSize: 50,
        windowSeconds: 0,
        startingPosition: 'TRIM_HORIZON',
        reportsItemFailures: true,
        bisects: true,
        retryAttemptsMax: 5,
        recordAgeSecondsMax: 3600,
        onFailureTopic: 'products-commands.dlq',
        filters: [{ value: { commandType: ['A'] } }],
      },
    ])
  })

  it('bounds retries without end at ten if there is a destination, as Lambda does', () => {
    const withDestination = { DestinationConfig: { OnFailure: { Destination: 'kafka://products-commands.dlq' } } }
    expect(plan(mapping(withDestination)).kafkaSources[0]?.retryAttemptsMax).toBe(10)
    expect(plan(mapping({})).kafkaSources[0]?.retryAttemptsMax).toBe(-1)
  })

  it('reads a mapping of a table stream', () => {
    const { streamSources } = plan({
      ...productFunction,
      Orders: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'orders' } },
      Feed: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { 'Fn::GetAtt': ['Product', 'Arn'] },
          EventSourceArn: { 'Fn::GetAtt': ['Orders', 'StreamArn'] },
        },
      },
    })
    expect(streamSources).toMatchObject([
      { functionName: 'product', table: 'orders', batchSize: 100, retryAttemptsMax: -1 },
    ])
  })

  it('joins paths of routes, and knows which need a token', () => {
    const uri = {
      'Fn::Join': [
        '',
        [
          'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/',
          { 'Fn::GetAtt': ['Product', 'Arn'] },
          '/invocations',
        ],
      ],
    }
    const { routes } = plan({
      ...productFunction,
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'recourse' } },
      Products: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          PathPart: 'products',
        },
      },
      One: {
        Type: 'AWS::ApiGateway::Resource',
        Properties: { RestApiId: { Ref: 'Api' }, ParentId: { Ref: 'Products' }, PathPart: '{productId}' },
      },
      Get: {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          HttpMethod: 'GET',
          ResourceId: { Ref: 'One' },
          AuthorizationType: 'COGNITO_USER_POOLS',
          Integration: { Type: 'AWS_PROXY', Uri: uri },
        },
      },
      Health: {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          HttpMethod: 'GET',
          ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          AuthorizationType: 'NONE',
          Integration: {
            Type: 'MOCK',
            IntegrationResponses: [{ StatusCode: '200', ResponseTemplates: { 'application/json': '{"status":"ok"}' } }],
          },
        },
      },
    })
    expect(routes).toEqual([
      {
        method: 'GET',
        path: '/products/{productId}',
        authorized: true,
        target: { kind: 'function', functionName: 'product' },
      },
      {
        method: 'GET',
        path: '/',
        authorized: false,
        target: { kind: 'mock', status: 200, body: '{"status":"ok"}', contentType: 'application/json' },
      },
    ])
  })

  it('reads a schedule', () => {
    const rule = (properties: object): Resources => ({
      ...productFunction,
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: 'sweep',
          Targets: [{ Arn: { 'Fn::GetAtt': ['Product', 'Arn'] }, Id: 'Target0' }],
          ...properties,
        },
      },
    })
    expect(plan(rule({ ScheduleExpression: 'rate(5 minutes)' })).schedules).toMatchObject([
      { name: 'sweep', functionName: 'product', everySeconds: 300 },
    ])
    expect(plan(rule({ ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' })).schedules).toEqual([])
    expect(() => plan(rule({ ScheduleExpression: 'cron(0 12 * * ? *)' }))).toThrow(/main\/Rule .*rate/)
  })

  it.each([
    [
      'a mapping without a group',
      mapping({ AmazonManagedKafkaEventSourceConfig: {} }),
      /main\/Mapping .*consumer group/,
    ],
    [
      'a topic whose configuration is lines',
      { T: { Type: 'AWS::MSK::Topic', Properties: { Configs: { 'Fn::Base64': 'retention.ms=604800000' } } } },
      /main\/T .*Configs should be base64 of a JSON object/,
    ],
    [
      'a topic whose configuration has numbers',
      { T: { Type: 'AWS::MSK::Topic', Properties: { Configs: { 'Fn::Base64': '{"retention.ms":604800000}' } } } },
      /main\/T .*Configs should be base64 of a JSON object/,
    ],
    ['a mapping of two topics', mapping({ Topics: ['a', 'b'] }), /main\/Mapping .*one topic/],
    ['a starting position', mapping({ StartingPosition: 'AT_TIMESTAMP' }), /main\/Mapping .*AT_TIMESTAMP/],
    [
      'another destination',
      mapping({ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x' } } }),
      /main\/Mapping .*arn:aws:sqs:x/,
    ],
    [
      'a condition on what it executes',
      { T: { Type: 'AWS::DynamoDB::Table', Condition: 'InEurope' } },
      /main\/T .*conditions/,
    ],
    ['a mapping to no function', { ...mapping({ FunctionName: 'nobody' }) }, /function nobody/],
  ])('refuses %s rather than run something else', (_, resources, message) => {
    expect(() => plan(resources)).toThrow(message)
  })
})
