import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/** One stack of a synthesized app: its template, and where on this machine the code of its functions is. */
export interface Stack {
  readonly name: string
  readonly template: Template
  /** The folders or files of its assets, by the hash that `S3Key` names. */
  readonly assets: Readonly<Record<string, string>>
}

const ResourceShape = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  Condition: z.string().optional(),
})
const TemplateShape = z.looseObject({
  Resources: z.record(z.string(), ResourceShape).default({}),
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
  Outputs: z
    .record(z.string(), z.looseObject({ Value: z.unknown(), Export: z.looseObject({ Name: z.unknown() }).optional() }))
    .default({}),
})
export type Resource = z.output<typeof ResourceShape>
export type Template = z.output<typeof TemplateShape>

const ManifestShape = z.looseObject({
  artifacts: z
    .record(z.string(), z.looseObject({ type: z.string(), properties: z.looseObject({}).optional() }))
    .default({}),
})
const AssetsShape = z.looseObject({
  files: z.record(z.string(), z.looseObject({ source: z.looseObject({ path: z.string().optional() }) })).default({}),
})

/** The stacks that a folder's manifest names (files of earlier syntheses that still lie there are not read). Throws what is missing or malformed. */
export function readCloudAssembly(folder: string): Stack[] {
  const manifest = ManifestShape.parse(readJson(join(folder, 'manifest.json')))
  const stacks = Object.entries(manifest.artifacts).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  )
  if (stacks.length === 0) throw new Error(`${folder} holds no stack: synthesize it first`)
  return stacks.map(([id, artifact]) => {
    const file = artifact.properties?.['templateFile']
    if (typeof file !== 'string') throw new Error(`${folder}/manifest.json: stack ${id} names no template`)
    return { name: id, template: parseTemplate(readJson(join(folder, file))), assets: readAssets(folder, file) }
  })
}

export const parseTemplate = (json: unknown): Template => TemplateShape.parse(json)

function readAssets(folder: string, templateFile: string): Record<string, string> {
  const file = join(folder, templateFile.replace(/\.template\.json$/, '.assets.json'))
  if (!existsSync(file)) return {}
  const { files } = AssetsShape.parse(readJson(file))
  return Object.fromEntries(
    Object.entries(files).flatMap(([hash, { source }]) => (source.path ? [[hash, join(folder, source.path)]] : [])),
  )
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
