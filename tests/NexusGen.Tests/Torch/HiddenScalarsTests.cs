using Mono.Cecil;
using NexusGen.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>
/// TorchSharp methods that create a temporary <see cref="Scalar"/> may compute with a number that was garbage-collected
/// meanwhile. The library calls none of them, whatever the version of TorchSharp.
/// </summary>
public sealed class HiddenScalarsTests
{
    private static readonly string Folder = AppContext.BaseDirectory;

    [Fact]
    public void NoMethodThatMakesAScalarInsideIsCalled()
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Folder);
        HashSet<string> making = MakingScalars(resolver);
        Assert.Contains(
            making,
            name => name.Contains(
                "Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)", StringComparison.Ordinal));
        Assert.DoesNotContain(
            making,
            name => name.Contains("Tensor::add(TorchSharp.torch/Tensor,TorchSharp.Scalar)", StringComparison.Ordinal));
        Assert.All(Architecture.Rooms.Order.Keys.Select(project => $"{project}.dll"), name =>
        {
            using AssemblyDefinition assembly = Read(name, resolver);
            Assert.Empty(assembly.MainModule.GetTypes()
                .Where(type => type.Name is not nameof(Scalars) and not nameof(Arithmetic))
                .SelectMany(type => type.Methods)
                .SelectMany(method =>
                    Calls(method).Where(making.Contains).Select(called => $"{method.FullName} calls {called}")));
        });
    }

    [Fact]
    public void SumsSquaresAndRangesAreThose()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor([1f, 2, 3]), b = tensor([4f, 5, 6]);
        Assert.Equal([5f, 7, 9], a.Plus(b).data<float>());
        Assert.Equal([1.5f, 2.5f, 3.5f], a.Plus(Scalars.Of(0.5)).data<float>());
        Assert.Equal([1f, 4, 9], a.Squared().data<float>());
        Assert.Equal([5f, 7, 9], a.AddInPlace(b).data<float>());
        Assert.Equal([5f, 7, 9], a.data<float>());
        Assert.Equal([0L, 1, 2], Arithmetic.Range(3).data<long>());
        Assert.Equal([0f, 1], Arithmetic.Range(2, ScalarType.Float32).data<float>());
    }

    // The methods that convert a number to a Scalar, and those that call one of them directly or indirectly.
    private static HashSet<string> MakingScalars(IAssemblyResolver resolver)
    {
        using AssemblyDefinition torchSharp = Read("TorchSharp.dll", resolver);
        ILookup<string, string> callers = torchSharp.MainModule.GetTypes().SelectMany(type => type.Methods)
                .SelectMany(method => Calls(method).Select(called => (called, method.FullName)))
                .ToLookup(call => call.called, call => call.FullName);
        HashSet<string> making =
        [
            .. callers.Select(call => call.Key).Where(name => name.StartsWith("TorchSharp.Scalar ", StringComparison.Ordinal)
                && (name.Contains("op_Implicit", StringComparison.Ordinal)
                    || name.Contains("ToScalar", StringComparison.Ordinal)))
        ];
        Queue<string> next = new(making);
        while (next.TryDequeue(out string? name))
        {
            foreach (string caller in callers[name].Where(making.Add))
            {
                next.Enqueue(caller);
            }
        }

        return making;
    }

    private static IEnumerable<string> Calls(MethodDefinition method) => method.HasBody
        ? method.Body.Instructions
            .Select(instruction => instruction.Operand)
            .OfType<MethodReference>()
            .Select(called => called.GetElementMethod().FullName)
        : [];

    private static AssemblyDefinition Read(string name, IAssemblyResolver resolver) =>
        AssemblyDefinition.ReadAssembly(Path.Combine(Folder, name), new ReaderParameters { AssemblyResolver = resolver });
}
