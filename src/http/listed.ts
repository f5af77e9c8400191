/** The members of a variable with a list, which has commas or spaces between them. */
export const listed = (list: string) => list.split(/[\s,]+/)
