/** Arguments that no request can be made of; the message says all that is wrong with them. */
export class WrongArguments extends Error {}
