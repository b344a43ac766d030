import { describe, expect, it } from 'vitest'
import { parseTemplate, type Stack } from '../../../../localstack/runtime/template/cloud-assembly.ts'
import { resolveStacks } from '../../../../localstack/runtime/template/resolve.ts'

const stack = (name: string, template: object): Stack => ({ name, template: parseTemplate(template), assets: {} })

/** The value of one property after resolving, in a stack with a table and a function beside it. */
const resolved = (value: unknown, more: Stack[] = []) => {
  const template = {
    Parameters: { Threshold: { Type: 'Number', Default: 5 } },
    Resources: {
      Orders: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'orders' } },
      Unnamed: { Type: 'AWS::DynamoDB::Table' },
      Under: { Type: 'AWS::SSM::Parameter', Properties: { Value: value } },
    },
  }
  return resolveStacks([stack('main', template), ...more]).find(({ id }) => id === 'Under')?.properties['Value']
}

describe('resolving a template', () => {
  it.each([
    ['Ref', { Ref: 'Orders' }, 'orders'],
    ['Ref to what has no name', { Ref: 'Unnamed' }, 'main-Unnamed'],
    ['Ref to a parameter', { Ref: 'Threshold' }, 5],
    ['a pseudo parameter', { Ref: 'AWS::Partition' }, 'aws'],
    ['GetAtt', { 'Fn::GetAtt': ['Orders', 'Arn'] }, 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders'],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Orders' }, 7]] }, 'a/orders/7'],
    [
      'Sub',
      { 'Fn::Sub': 'x-${Orders}-${Orders.Arn}-${!kept}' },
      'x-orders-arn:aws:dynamodb:eu-west-1:000000000000:table/orders-${kept}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${a}-${Orders}', { a: { Ref: 'Threshold' } }] }, '5-orders'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Base64', { 'Fn::Base64': 'cleanup.policy=delete' }, 'Y2xlYW51cC5wb2xpY3k9ZGVsZXRl'],
    ['GetAZs', { 'Fn::Select': [2, { 'Fn::GetAZs': '' }] }, 'eu-west-1c'],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
  ])('carries out %s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected)
  })

  it('finds what another stack exports, in the words of that stack', () => {
    const data = stack('data', {
      Resources: { T: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'payments' } } },
      Outputs: { Out: { Value: { Ref: 'T' }, Export: { Name: { 'Fn::Join': ['', ['data:', 'T']] } } } },
    })
    expect(resolved({ 'Fn::ImportValue': 'data:T' }, [data])).toBe('payments')
  })

  it.each([
    ['an intrinsic that it does not know', { 'Fn::If': ['a', 1, 2] }, /main\/Under .*intrinsic Fn::If/],
    [
      'an attribute that it does not know',
      { 'Fn::GetAtt': ['Orders', 'Colour'] },
      /main\/Under .*attribute Colour of AWS::DynamoDB::Table/,
    ],
    ['a reference to nothing', { Ref: 'Nobody' }, /main\/Under .*Ref to Nobody/],
    ['an import that nobody exports', { 'Fn::ImportValue': 'nothing' }, /main\/Under .*exports "nothing"/],
  ])('names the resource with %s', (_, value, message) => {
    expect(() => resolved(value)).toThrow(message)
  })

  it('names a resource type that it does not know', () => {
    const unknown = stack('main', { Resources: { Queue: { Type: 'AWS::Kinesis::Stream' } } })
    expect(() => resolveStacks([unknown])).toThrow(
      /main\/Queue \(AWS::Kinesis::Stream\).*does not know this resource type/,
    )
  })
})
