/** The tables of the catalog and their key: everything that must outlive a deployment is here, and nothing else is. */
import { Stack, type StackProps } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import type { Wiring } from '#engine/catalog/wiring.ts'
import type { StageSettings } from '../config.ts'
import { DataKey } from '../constructs/data-key.ts'
import { CatalogTable } from '../constructs/table.ts'

interface Props extends StackProps {
  readonly settings: StageSettings
  readonly wiring: Pick<Wiring, 'tables' | 'functions'>
}

export class DataStack extends Stack {
  private readonly tables: ReadonlyMap<string, ITable>

  constructor(scope: Construct, id: string, { settings, wiring, ...props }: Props) {
    super(scope, id, { ...props, terminationProtection: settings.protectData })
    const key = new DataKey(this, 'Key', settings)
    const feeding = new Set(wiring.functions.flatMap(fn => [...fn.feeds, ...fn.streams].map(table => table.name)))
    this.tables = new Map(
      wiring.tables.map(table => {
        const made = new CatalogTable(this, table.name, { table, feeds: feeding.has(table.name), key, settings })
        return [table.name, made.table]
      }),
    )
  }

  /** By the catalog's name. Throws for a table that the catalog does not list. */
  table(name: string): ITable {
    const table = this.tables.get(name)
    if (!table) throw new Error(`the catalog lists no table "${name}": it has ${[...this.tables.keys()].join(', ')}`)
    return table
  }
}
