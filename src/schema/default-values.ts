// Refuses default values that are none of their type, which graphql does not look at before somebody asks for them.
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";

/** Throws an error that names the argument or the input field. */
export const requireDefaults = (schema: GraphQLSchema): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) requireAll(type.name, Object.values(type.getFields()));
    if (isObjectType(type) || isInterfaceType(type))
      for (const field of Object.values(type.getFields()))
        requireAll(`${type.name}.${field.name}`, field.args);
  }
};

const requireAll = (owner: string, inputs: readonly (GraphQLArgument | GraphQLInputField)[]): void => {
  for (const { name, type, defaultValue } of inputs) {
    if (defaultValue === undefined) continue;
    try {
      astFromValue(defaultValue, type);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The default of ${owner}(${name}) is no ${type}: ${reason}`, { cause: error });
    }
  }
};
