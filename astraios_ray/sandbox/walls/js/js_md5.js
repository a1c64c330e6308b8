// The function of the package js-md5 that one row of HumanEvalPack requires, on node's own MD5.
'use strict';
const crypto = require('crypto');

const digest = (message) => crypto.createHash('md5').update(typeof message === 'string' ? message : Buffer.from(message));
const md5 = (message) => digest(message).digest('hex');
md5.hex = md5;
md5.array = (message) => [...digest(message).digest()];
md5.digest = md5.array;

module.exports = md5;
