/** Whether a value is what a JSON schema says: the part of it that our own schema uses. */

interface Schema {
  $ref?: string
  anyOf?: Schema[]
  enum?: unknown[]
  type?: string
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  prefixItems?: Schema[]
  items?: Schema | false
}

/** Whether the value fits the schema of this name. */
export function fits(value: unknown, name: string, schemas: object): boolean {
  const named = schemas as Record<string, Schema>
  return check(value, named[name] ?? {})

  function check(value: unknown, schema: Schema): boolean {
    if (schema.$ref !== undefined) return check(value, named[schema.$ref] ?? {})
    if (schema.anyOf) return schema.anyOf.some((option) => check(value, option))
    if (schema.enum) return schema.enum.includes(value)
    switch (schema.type) {
      case 'array':
        return Array.isArray(value) && checkItems(value, schema)
      case 'object':
        return isObject(value) && checkFields(value, schema)
      case 'integer':
        return Number.isInteger(value)
      case 'null':
        return value === null
      default:
        return schema.type === undefined || typeof value === schema.type
    }
  }

  function checkItems(items: unknown[], { prefixItems, items: each }: Schema): boolean {
    if (prefixItems) {
      return (
        items.length === prefixItems.length &&
        prefixItems.every((schema, n) => check(items[n], schema))
      )
    }
    return !each || items.every((item) => check(item, each))
  }

  function checkFields(fields: Record<string, unknown>, schema: Schema): boolean {
    const { required = [], properties = {}, additionalProperties } = schema
    return (
      required.every((field) => Object.hasOwn(fields, field)) &&
      Object.entries(fields).every(([field, value]) => {
        const told = Object.hasOwn(properties, field) ? properties[field] : additionalProperties
        return told === undefined || check(value, told)
      })
    )
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
