// An error as a sentence with what to do.

import { ApiError } from '../api/client.js';
import { hasText, t } from './index.js';

/** @param {unknown} error @returns {string} */
export function sentence(error) {
  if (!(error instanceof ApiError)) return t('problem.internal_error');
  return problemSentence(error.code, { seconds: error.retryAfterSeconds || 5, detail: error.detail });
}

/** Also for the error of a task. @param {string} code @param {{seconds?: number, detail?: string}} [values] */
export function problemSentence(code, values = {}) {
  const key = `problem.${code}`;
  return hasText(key) ? t(key, { seconds: 5, ...values }) : values.detail || t('problem.internal_error');
}

/** Messages by place, such as {"pipeline.1.amount": "Must be at most 100."}; the server's own where there is no text.
 * @param {unknown} error @returns {Record<string, string>} */
export function messagesByPlace(error) {
  const problems = error instanceof ApiError ? error.problems : [];
  return Object.fromEntries(problems.map(({ place, message, code, values }) => [place, hasText(`field.${code}`) ? t(`field.${code}`, values) : message]));
}
