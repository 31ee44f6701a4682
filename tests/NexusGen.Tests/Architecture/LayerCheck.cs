using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NexusGen.Tests.Architecture;

/// <summary>Finds uses of types in a later layer than their user, in the metadata and code of an assembly.</summary>
internal static class LayerCheck
{
    /// <summary>Returns the violations of an order of layers.</summary>
    /// <param name="module">The module of the assembly.</param>
    /// <param name="order">The namespaces, from the lowest layer up.</param>
    /// <returns>One sentence for each pair of types.</returns>
    public static IEnumerable<string> Violations(ModuleDefinition module, string[] order)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (TypeDefinition type in module.Types)
        {
            int own = Array.IndexOf(order, type.Namespace);
            if (own < 0)
            {
                continue;
            }

            foreach (TypeReference used in Uses(type))
            {
                TypeReference outer = Outermost(used);
                int other = outer.Scope == module ? Array.IndexOf(order, outer.Namespace) : -1;
                if (other > own)
                {
                    found.Add($"{type.FullName} uses {outer.FullName}, but the room {order[own]} is below {order[other]}.");
                }
            }
        }

        return found;
    }

    private static IEnumerable<TypeReference> Uses(TypeDefinition type)
    {
        IEnumerable<TypeReference?> direct =
        [
            type.BaseType, .. type.Interfaces.Select(i => i.InterfaceType), .. type.Fields.Select(field => field.FieldType),
            .. type.Properties.Select(property => property.PropertyType), .. type.Events.Select(e => e.EventType),
            .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
            .. type.GenericParameters
                .SelectMany(parameter => parameter.Constraints)
                .Select(constraint => constraint.ConstraintType),
            .. type.Methods.SelectMany(Uses),
        ];
        return direct.OfType<TypeReference>().SelectMany(Parts).Concat(type.NestedTypes.SelectMany(Uses));
    }

    private static IEnumerable<TypeReference?> Uses(MethodDefinition method)
    {
        IEnumerable<TypeReference?> signature =
        [
            method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method.GenericParameters
                .SelectMany(parameter => parameter.Constraints)
                .Select(constraint => constraint.ConstraintType),
        ];
        return method.HasBody
            ? signature
                .Concat(method.Body.Variables.Select(variable => variable.VariableType))
                .Concat(method.Body.Instructions.SelectMany(Uses))
            : signature;
    }

    private static IEnumerable<TypeReference?> Uses(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method =>
        [
            method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. (method as GenericInstanceMethod)?.GenericArguments ?? [],
        ],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        FunctionPointerType pointer => pointer.Parameters
            .Select(parameter => parameter.ParameterType)
            .Append(pointer.ReturnType)
            .SelectMany(Parts),
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }
}
