/** A linter's rule that does not hold for a resource, with the reason, in the template beside the resource. */
import { CfnResource, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

interface Exception {
  /** `AwsSolutions-…` of cdk-nag, `CKV_…` of checkov, or a number such as `W3005` of cfn-lint. */
  readonly rule: string
  readonly reason: string
}

/** Of the resource, or of the one that a construct stands for. */
export function except(construct: IConstruct, ...exceptions: readonly Exception[]) {
  const nag = exceptions.filter(({ rule }) => /^(AwsSolutions-|Annotation::)/.test(rule))
  if (nag.length > 0) Validations.of(construct).acknowledge(...nag.map(({ rule, reason }) => ({ id: rule, reason })))
  const others = exceptions.filter(exception => !nag.includes(exception))
  if (others.length === 0) return
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild
  if (!resource || !CfnResource.isCfnResource(resource))
    throw new Error(`${construct.node.path} stands for no resource that an exception could be beside`)
  const checkov = others.filter(({ rule }) => rule.startsWith('CKV'))
  const cfnLint = others.filter(exception => !checkov.includes(exception))
  if (checkov.length > 0)
    resource.addMetadata('checkov', {
      skip: [...skipped(resource), ...checkov.map(({ rule, reason }) => ({ id: rule, comment: reason }))],
    })
  if (cfnLint.length > 0)
    resource.addMetadata('cfn-lint', {
      config: { ignore_checks: cfnLint.map(({ rule }) => rule) },
      // cfn-lint has no field for it.
      reasons: Object.fromEntries(cfnLint.map(({ rule, reason }) => [rule, reason])),
    })
}

const skipped = (resource: CfnResource) =>
  ((resource.getMetadata('checkov') as { skip: unknown[] } | undefined)?.skip ?? []) as readonly unknown[]
