/** An order as the API shows it. */
export interface Order {
  readonly orderId: string
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED'
  readonly reason?: string
  readonly items: readonly Line[]
  readonly total?: { readonly amount: number; readonly currency: string }
  readonly createdAt: string
  readonly updatedAt: string
}
export interface Line {
  readonly productId: string
  readonly quantity: number
}
export interface HistoryRow {
  readonly status: string
  readonly at: string
}
