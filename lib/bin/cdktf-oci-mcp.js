#!/usr/bin/env node
// Here from the beginning: npm links no program that a build makes later.
require('../dist/cli/main.js');
