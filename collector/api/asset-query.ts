import { type Condition, toCondition } from "../query/condition.ts";
import { parse } from "../query/parse.ts";
import { QueryError } from "../query/query.ts";
import { ProblemError } from "./problem.ts";

export const QUERY_HELP = `A query: words, and fields with an operator and a value, all of which must hold; "or", "not" and
parentheses. \`type:printer seen>7d ip in 10.1.0.0/16 not source:snmp\`, \`software:openssl<3.0.13\`. Fields: /assets/fields`;

/** What a query means now. @throws ProblemError `query.invalid`, with the place of the fault */
export const readQuery = (text: string, nowMs: number): Condition => {
  try {
    return toCondition(parse(text), nowMs);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const { message, position, length } = error;
    throw new ProblemError("query.invalid", `At character ${position + 1}: ${message}`, { position, length });
  }
};
