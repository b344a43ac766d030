/** The variable that holds a table's physical name: `orders-history` → `TABLE_ORDERS_HISTORY`. Stacks set it, functions read it. */
export const tableVariable = (table: string) => `TABLE_${table.toUpperCase().replaceAll('-', '_')}`
