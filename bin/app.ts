// What `cdk` runs: the stacks of one stage, `-c stage=prod`; `dev` unless told.
import { newApp } from '../lib/app.ts'
import { describeStage } from '../lib/synth.ts'

const app = newApp()
const stage: unknown = app.node.tryGetContext('stage')
await describeStage(app, typeof stage === 'string' ? stage : 'dev')
app.synth()
