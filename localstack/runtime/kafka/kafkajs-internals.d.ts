/** Part of kafkajs that it does not export; used to mend its timers. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const RequestQueue: { readonly prototype: unknown }
  export default RequestQueue
}
