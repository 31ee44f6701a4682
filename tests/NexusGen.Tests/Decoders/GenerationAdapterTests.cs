using NexusGen.Decoders;
using NexusGen.Model;
using NexusGen.Tests.Diffusion;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

public class GenerationAdapterTests
{
    public static TheoryData<string> Cases => TinyModel.Cases("generation-adapter");

    [Theory]
    [MemberData(nameof(Cases))]
    public void AdaptsAsTheOfficialCode(string name)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("generation-adapter", name);
        using GenerationAdapter adapter = files.AdapterPart.Load(LoadOptions.Reference);
        Tensor context = adapter.Forward(reference.Tensor("embeddings"));
        TinyModel.AssertNear(reference.ExpectedTensor("context"), context, reference.Tolerance.Relative!.Value);
    }

    [Fact]
    public void AllItsWeightsLearn()
    {
        using var scope = NewDisposeScope();
        using var adapter = new GenerationAdapter(new WeightSource(new RandomWeights(1), LoadOptions.Reference), 8, 16);
        Tensor[] weights = [.. adapter.Parameters.Select(parameter => parameter.Value.requires_grad_())];
        adapter.Forward(randn(2, 3, 8)).square().mul(rand(16)).sum().backward();
        Assert.Equal(8, weights.Length);
        Assert.All(weights, weight => Assert.True(weight.grad is { } gradient && gradient.abs().sum().item<float>() > 0));
    }
}
