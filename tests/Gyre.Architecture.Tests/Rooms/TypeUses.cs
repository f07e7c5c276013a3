using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gyre.Architecture.Tests;

/// <summary>One top-level type uses another. Nested and compiler-generated types count as the type that encloses them.</summary>
/// <param name="From">Source name of the user.</param>
/// <param name="ToAssembly">Simple name of the assembly that holds the used type.</param>
/// <param name="To">Source name of the used type.</param>
internal readonly record struct TypeUse(string From, string ToAssembly, string To);

/// <summary>
/// Reads from an assembly which types use which: bases, interfaces, constraints, attributes, fields, signatures, locals,
/// caught exceptions and every instruction.
/// </summary>
/// <remarks>
/// The compiler copies the value of a constant into its user and leaves no trace of where it came from, so constants and
/// enum members are found in the source text instead. A bare <c>nameof</c> leaves no trace either and is not looked for: it
/// ties no behaviour to anything.
/// </remarks>
internal sealed class TypeUses
{
    private readonly CodeBase _code;
    private readonly HashSet<TypeUse> _uses = [];
    private string _from = "";

    private TypeUses(CodeBase code) => _code = code;

    public static IReadOnlyCollection<TypeUse> Of(CodeBase code)
    {
        var reader = new TypeUses(code);
        foreach (var type in code.WrittenTypes())
        {
            reader._from = CodeBase.SourceName(type);
            reader.Type(type);
        }

        reader.Constants();
        return reader._uses;
    }

    private void Type(TypeDefinition type)
    {
        Reference(type.BaseType);
        Attributes(type);
        Generics(type);
        foreach (var implemented in type.Interfaces)
        {
            Reference(implemented.InterfaceType);
        }

        foreach (var field in type.Fields)
        {
            Attributes(field);
            Reference(field.FieldType);
        }

        foreach (var property in type.Properties)
        {
            Attributes(property);
        }

        foreach (var raised in type.Events)
        {
            Attributes(raised);
        }

        foreach (var method in type.Methods)
        {
            Method(method);
        }

        foreach (var nested in type.NestedTypes)
        {
            Type(nested);
        }
    }

    private void Method(MethodDefinition method)
    {
        Signature(method);
        Attributes(method);
        Generics(method);
        foreach (var parameter in method.Parameters)
        {
            Attributes(parameter);
        }

        foreach (var overridden in method.Overrides)
        {
            Signature(overridden);
        }

        if (method.HasBody)
        {
            Body(method.Body);
        }
    }

    private void Body(MethodBody body)
    {
        foreach (var local in body.Variables)
        {
            Reference(local.VariableType);
        }

        foreach (var handler in body.ExceptionHandlers)
        {
            Reference(handler.CatchType);
        }

        foreach (var operand in body.Instructions.Select(instruction => instruction.Operand))
        {
            Operand(operand);
        }
    }

    private void Operand(object? operand)
    {
        switch (operand)
        {
            case TypeReference type:
                Reference(type);
                break;
            case FieldReference field:
                Reference(field.DeclaringType);
                Reference(field.FieldType);
                break;
            case IMethodSignature signature:
                Signature(signature);
                break;
        }
    }

    private void Signature(IMethodSignature signature)
    {
        Reference(signature.ReturnType);
        foreach (var parameter in signature.Parameters)
        {
            Reference(parameter.ParameterType);
        }

        if (signature is MethodReference method)
        {
            Reference(method.DeclaringType);
        }

        if (signature is GenericInstanceMethod generic)
        {
            All(generic.GenericArguments);
        }
    }

    private void Generics(IGenericParameterProvider owner)
    {
        foreach (var parameter in owner.GenericParameters)
        {
            Attributes(parameter);
            All(parameter.Constraints.Select(constraint => constraint.ConstraintType));
        }
    }

    private void Attributes(Mono.Cecil.ICustomAttributeProvider owner)
    {
        foreach (var attribute in owner.CustomAttributes)
        {
            Reference(attribute.AttributeType);
            var values = attribute.ConstructorArguments
                .Concat(attribute.Fields.Select(field => field.Argument))
                .Concat(attribute.Properties.Select(property => property.Argument));
            foreach (var value in values)
            {
                Reference(value.Type);
                Reference(value.Value as TypeReference);
            }
        }
    }

    private void All(IEnumerable<TypeReference> types)
    {
        foreach (var type in types)
        {
            Reference(type);
        }
    }

    private void Reference(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                All(generic.GenericArguments);
                break;
            case FunctionPointerType pointer:
                Signature(pointer);
                return;
            case RequiredModifierType required:
                Reference(required.ModifierType);
                break;
            case OptionalModifierType optional:
                Reference(optional.ModifierType);
                break;
        }

        if (type is TypeSpecification composed)
        {
            Reference(composed.ElementType);
            return;
        }

        Named(type);
    }

    private void Named(TypeReference type)
    {
        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        var assembly = type.Scope is AssemblyNameReference other ? other.Name : _code.AssemblyName;
        var to = CodeBase.SourceName(type);
        if (assembly != _code.AssemblyName || (to != _from && !CodeBase.IsMadeByTheCompiler(type)))
        {
            _uses.Add(new TypeUse(_from, assembly, to));
        }
    }

    private void Constants()
    {
        var owners = ConstantOwners();
        foreach (var file in _code.Files)
        {
            foreach (var type in file.TopLevelTypes())
            {
                _from = CodeBase.MetadataName(type);
                ConstantsIn(type, owners);
            }
        }
    }

    private void ConstantsIn(MemberDeclarationSyntax type, ILookup<string, string> owners)
    {
        var named = type.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Select(access => $"{LastName(access.Expression)}.{access.Name.Identifier.Text}");
        var imported = type.SyntaxTree.GetRoot().DescendantNodes().OfType<UsingDirectiveSyntax>()
            .Where(import => import.StaticKeyword != default && import.NamespaceOrType is not null)
            .SelectMany(import => type.DescendantNodes().OfType<IdentifierNameSyntax>()
                .Select(bare => $"{LastName(import.NamespaceOrType)}.{bare.Identifier.Text}"));
        foreach (var use in named.Concat(imported).Distinct())
        {
            // A name that two types share can't be told apart without binding; the instructions show such a use anyway
            // as soon as anything but the constant is touched.
            if (owners[use].Distinct().Count() == 1 && owners[use].First() != _from)
            {
                _uses.Add(new TypeUse(_from, _code.AssemblyName, owners[use].First()));
            }
        }
    }

    private ILookup<string, string> ConstantOwners() =>
        (from top in _code.WrittenTypes()
         from type in SelfAndNested(top)
         from field in type.Fields
         where field.HasConstant && !field.IsPrivate
         select (Name: $"{type.Name}.{field.Name}", Owner: CodeBase.SourceName(top)))
        .ToLookup(constant => constant.Name, constant => constant.Owner);

    private static IEnumerable<TypeDefinition> SelfAndNested(TypeDefinition type) =>
        type.NestedTypes.SelectMany(SelfAndNested).Prepend(type);

    private static string LastName(Microsoft.CodeAnalysis.SyntaxNode expression) => expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.Text,
        SimpleNameSyntax simple => simple.Identifier.Text,
        _ => "",
    };
}
