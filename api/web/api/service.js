// What the service says about itself in the page's document.

/** @typedef {{maxUploadBytes: number, registration: boolean, formats: string[]}} Service */

/** @type {Service} */
export const service = JSON.parse(
  document.querySelector('meta[name="darkroom-service"]')?.getAttribute('content') ?? '{}',
);
