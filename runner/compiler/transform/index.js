/** The order of the passes from the owner's tree to ES5. */
import ts from 'typescript';
import './names.js';
import './iteration.js';
import './coroutines.js';
import { startCatches, startTemplates } from './literals.js';
import { ownersTransformer } from './visitor.js';
import { classTransformer, startClasses } from './classes.js';
import { functionNamer } from './functions.js';

export function startTransform(analysis) {
  startTemplates();
  startCatches(analysis);
  startClasses(analysis);
}

export var TRANSFORMERS = [
  ownersTransformer,
  ts.transformTypeScript,
  ts.transformClassFields,
  ts.transformES2021,
  ts.transformES2020,
  ts.transformES2019,
  ts.transformES2018,
  classTransformer,
  ts.transformES2015,
  functionNamer,
];
