// Light, dark, or as the system has it.

import { effect, signal } from '../vendor/preact.js';

const STORED = 'darkroom.theme';
/** @type {('system' | 'light' | 'dark')[]} */
export const THEMES = ['system', 'light', 'dark'];
export const theme = signal(THEMES.find((each) => each === localStorage.getItem(STORED)) ?? 'system');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem(STORED, theme.value);
});
