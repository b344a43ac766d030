import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import { Construct } from 'constructs'
import type { Route } from '#engine/catalog/catalog.ts'
import { requestSchemaOf } from '../request-schema.ts'

/**
 * What API Gateway refuses before it wakes a function: a JSON body that is not what the route takes. The function checks the
 * same and more (a body that is no JSON by its content type passes here, and gets 415 there).
 */
export class RequestBodies extends Construct {
  private readonly api: apigateway.RestApi
  private readonly validator: apigateway.RequestValidator

  constructor(scope: Construct, id: string, api: apigateway.RestApi) {
    super(scope, id)
    this.api = api
    this.validator = new apigateway.RequestValidator(this, 'Validator', {
      restApi: api,
      validateRequestBody: true,
      validateRequestParameters: true,
    })
  }

  /** For a method of this route. */
  optionsFor(route: Route): Pick<apigateway.MethodOptions, 'requestValidator' | 'requestModels' | 'requestParameters'> {
    const { method, path, name = `${method} ${path}`, body } = route
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => `method.request.path.${parameter}`)
    return {
      requestValidator: this.validator,
      requestParameters: Object.fromEntries(parameters.map(parameter => [parameter, true])),
      ...(body && {
        requestModels: { 'application/json': this.model(name, requestSchemaOf(body, `${method} ${path}`)) },
      }),
    }
  }

  private model(name: string, schema: object) {
    const model = new apigateway.Model(this, name, {
      restApi: this.api,
      contentType: 'application/json',
      schema: {},
    })
    // As it is: CDK's own type has no room for some of its keywords.
    ;(model.node.defaultChild as apigateway.CfnModel).schema = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      ...schema,
    }
    return model
  }
}
