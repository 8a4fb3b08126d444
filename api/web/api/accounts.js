// Users, sessions, API keys.

import { request } from './client.js';

/** @typedef {{user_id: string, email: string, created_at: string}} User */
/** @typedef {{session_id: string, label: string, current: boolean, created_at: string, last_used_at: string,
 *   expires_at: string}} Session */
/** @typedef {{key_id: string, name: string, prefix: string, scopes: string[], created_at: string,
 *   expires_at: string | null, last_used_at: string | null, key?: string}} ApiKey */

/** @returns {Promise<User>} */
export const getMe = () => request('/v1/users/me');

/** @param {string} email @param {string} password @returns {Promise<User>} */
export const register = (email, password) => request('/v1/users', { method: 'POST', json: { email, password } });

/** @param {string} email @param {string} password */
export const signIn = (email, password) =>
  request('/v1/sessions', { method: 'POST', json: { email, password, cookie: true } });

export const signOut = () => request('/v1/sessions/current', { method: 'DELETE' });
export const signOutEverywhere = () => request('/v1/sessions', { method: 'DELETE' });

/** @returns {Promise<Session[]>} */
export const listSessions = async () => (await request('/v1/sessions')).items;

/** @param {string} id */
export const endSession = (id) => request(`/v1/sessions/${id}`, { method: 'DELETE' });

/** @param {string} password @param {string} newPassword */
export const changePassword = (password, newPassword) =>
  request('/v1/users/me/password', { method: 'POST', json: { password, new_password: newPassword } });

/** @param {string} password */
export const erase = (password) => request('/v1/users/me/erasure', { method: 'POST', json: { password } });

/** @returns {Promise<ApiKey[]>} */
export const listKeys = async () => (await request('/v1/api-keys')).items;

/** @param {string} name @param {string[]} scopes @returns {Promise<ApiKey>} */
export const createKey = (name, scopes) => request('/v1/api-keys', { method: 'POST', json: { name, scopes } });

/** @param {string} id */
export const revokeKey = (id) => request(`/v1/api-keys/${id}`, { method: 'DELETE' });
