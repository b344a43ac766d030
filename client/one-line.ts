/** What others wrote must not write over the terminal, nor turn its direction: on one line, and cut. */
export const oneLine = (text: string, lengthMax = 200): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, lengthMax)
