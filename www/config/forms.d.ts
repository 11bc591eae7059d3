// Types of the tables in parts.js: they are made from the core's types, so that the type check fails where a row or a field is missing.

import type { GanConfig, LayerConfig, Limits } from "../../src/types.d.ts";

/** Keys of T whose values are of type V. */
export type KeysOf<T, V> = { [Key in keyof T]-?: T[Key] extends V ? Key : never }[keyof T];

/** The same value for every key of T, optional ones too. */
export type ForEach<T, Value> = { [Key in keyof T]-?: Value };

/** One number of a part, or one yes or no. */
export interface Field<Value extends number | boolean = number | boolean> {
  /** Its name for people. */
  label: string;
  /** The value that it begins with; a boolean makes it a checkbox. */
  initial: Value;
  /** The core's range for it; null: the core gives none. */
  limit: keyof Limits | null;
  integer: boolean;
  /** Empty is allowed, and is null. */
  optional?: boolean;
}

/** One kind of a part, such as the layer "linear": its name for people and its fields, in the order of the form. */
export interface Form<Kind extends { type: string }> {
  label: string;
  fields: { [Name in Exclude<keyof Kind, "type">]: Field<Kind[Name] extends boolean ? boolean : number> };
}

/** All kinds of a part, such as all optimizers. */
export type Forms<Part extends { type: string }> = { [Type in Part["type"]]: Form<Extract<Part, { type: Type }>> };

/** Any table of forms, for code that treats all parts alike. */
export type AnyForms<Type extends string = string> = {
  readonly [T in Type]: { label: string; fields: { readonly [name: string]: Field } };
};

/** All layers, and what else the page knows of each. */
export type LayerForms = {
  [Type in LayerConfig["type"]]: Form<Extract<LayerConfig, { type: Type }>> & {
    /** The switch "BatchNorm" puts a BatchNorm beside it. */
    isHiddenActivation?: true;
    /** Samples that a batch must have at least; 1 where nothing is said. */
    leastBatch?: number;
  };
};

/** Numbers of the configuration itself, by path; batch size and loss scale have controls of their own. */
export type NumberForms = {
  [Path in "latent.dim" | Exclude<KeysOf<GanConfig, number | null>, "batchSize" | "discriminatorLossScale">]: Field<number>;
};
