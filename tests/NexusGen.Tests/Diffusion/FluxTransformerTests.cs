using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public class FluxTransformerTests
{
    public static TheoryData<string> Cases => TinyModel.Cases("flux-transformer");

    [Theory]
    [MemberData(nameof(Cases))]
    public void PredictsAsTheOfficialCode(string name) => Predicts(name, LoadOptions.Reference, gradients: false, null);

    [Theory]
    [MemberData(nameof(Cases))]
    public void PredictsAsTheOfficialCodeWhileGradientsAreRecorded(string name) =>
        Predicts(name, LoadOptions.Reference with { MapFiles = false }, gradients: true, null);

    [Theory]
    [InlineData("generation", false)]
    [InlineData("editing", false)]
    [InlineData("editing", true)]
    public void IsCloseInHalfPrecision(string name, bool gradients) =>
        Predicts(name, TinyModel.Half with { MapFiles = false }, gradients, 0.05);

    [Fact]
    public void ABatchEqualsItsRows()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        FluxInputs inputs = SmallFlux.Inputs(3);
        Tensor together = inputs.Through(transformer);
        for (int row = 0; row < 3; row++)
        {
            TinyModel.AssertNear(inputs.Row(row).Through(transformer), together.narrow(0, row, 1), 1e-5);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.02)]
    public void TheFusedPassesEqualTheOperatorsThatTrain(ScalarType type, double relative)
    {
        using var scope = NewDisposeScope();
        using FluxTransformer transformer = SmallFlux.Build(new LoadOptions(new Placement(CPU, type)));
        FluxInputs inputs = SmallFlux.Inputs(2);
        Tensor fused;
        using (no_grad())
        {
            fused = inputs.Through(transformer);
        }

        Tensor[] weights = [.. transformer.Parameters.Select(parameter => parameter.Value.requires_grad_())];
        Tensor composed = inputs.Through(transformer);
        Assert.True(composed.requires_grad);
        TinyModel.AssertNear(composed.detach(), fused, relative);
        composed.to(ScalarType.Float32).square().sum().backward();
        Assert.All(weights, weight => Assert.True(weight.grad is { } gradient && gradient.to(ScalarType.Float32).abs().sum().item<float>() > 0));
    }

    [Fact]
    public void GradientsAreThoseOfTheFunction()
    {
        using var scope = NewDisposeScope();
        using FluxTransformer transformer = SmallFlux.Build(new LoadOptions(new Placement(CPU, ScalarType.Float64)));
        FluxInputs inputs = SmallFlux.Inputs(1, 4, 4, 3);
        Tensor weight = transformer.Parameters.Single(parameter => parameter.Name == "double_blocks.0.txt_attn.norm.key_norm.scale").Value.requires_grad_();
        inputs.Through(transformer).sum().backward();
        using var inference = no_grad();
        const double step = 1e-5;
        double At(double shift)
        {
            weight[3] += shift;
            double sum = inputs.Through(transformer).sum().item<double>();
            weight[3] -= shift;
            return sum;
        }

        Assert.Equal((At(step) - At(-step)) / (2 * step), weight.grad![3].item<double>(), 1e-5);
    }

    [Fact]
    public void PlacesAreNotRoundedInHalfPrecision()
    {
        // 200.25 and 200.5 are one number in bfloat16.
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build(TinyModel.Half);
        FluxInputs inputs = SmallFlux.Inputs(1);
        Tensor there = (inputs with { TextIds = full_like(inputs.TextIds, 200.25) }).Through(transformer);
        Tensor elsewhere = (inputs with { TextIds = full_like(inputs.TextIds, 200.5) }).Through(transformer);
        Assert.False(TinyModel.Same(there, elsewhere));
    }

    [Fact]
    public void BlocksThatComeAndGoGiveTheSame()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer resident = SmallFlux.Build();
        FluxInputs inputs = SmallFlux.Inputs(1);
        long largest = resident.Descendants.OfType<DoubleStreamBlock>().Max(block => block.ByteLength);
        using var residency = new BlockResidency(2 * largest);
        using FluxTransformer streamed = SmallFlux.Build(LoadOptions.Reference with { Residency = residency });
        for (int round = 0; round < 2; round++)
        {
            Assert.True(TinyModel.Same(inputs.Through(resident), inputs.Through(streamed)));
        }

        Assert.Equal(SmallFlux.Sizes.Depth + SmallFlux.Sizes.DepthSingleBlocks, residency.StreamedBlocks);
    }

    [Fact]
    public void OnlyTheVelocityOutlivesACall()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        FluxInputs inputs = SmallFlux.Inputs(1);
        inputs.Through(transformer).Dispose();
        long before = TinyModel.LiveTensors();
        for (int i = 0; i < 3; i++)
        {
            inputs.Through(transformer).Dispose();
        }

        Assert.Equal(before, TinyModel.LiveTensors());
    }

    [Fact]
    public void InputsStayAsTheyAre()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        FluxInputs inputs = SmallFlux.Inputs(2), before = SmallFlux.Inputs(2);
        inputs.Through(transformer);
        Assert.True(TinyModel.Same(before.Latents, inputs.Latents));
        Assert.True(TinyModel.Same(before.Context, inputs.Context));
        Assert.True(TinyModel.Same(before.TextIds, inputs.TextIds));
    }

    [Fact]
    public void WithoutGuidanceItIsNotLookedAt()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build(sizes: SmallFlux.Sizes with { GuidanceEmbed = false, QkvBias = false });
        FluxInputs inputs = SmallFlux.Inputs(1);
        Assert.DoesNotContain(transformer.Parameters, parameter => parameter.Name.StartsWith("guidance_in", StringComparison.Ordinal));
        Assert.True(TinyModel.Same(inputs.Through(transformer), (inputs with { Guidance = inputs.Guidance + 1 }).Through(transformer)));
    }

    [Fact]
    public void InputsThatDoNotFitAreRefusedWithTheirShapes()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using FluxTransformer transformer = SmallFlux.Build();
        FluxInputs two = SmallFlux.Inputs(2), one = SmallFlux.Inputs(1);
        Refuses("latents", "[2, 16, 7, 12]", two with { Latents = zeros(2, 16, 7, 12) });
        Refuses("latents", "[2, 15, 8, 12]", two with { Latents = zeros(2, 15, 8, 12) });
        Refuses("latents", "[16, 8, 12]", two with { Latents = zeros(16, 8, 12) });
        Refuses("timestep", "[1]", two with { Timestep = one.Timestep });
        Refuses("context", "[1, 7, 48]", two with { Context = one.Context });
        Refuses("context", "[2, 7, 47]", two with { Context = zeros(2, 7, 47) });
        Refuses("pooled", "[1, 16]", two with { Pooled = one.Pooled });
        Refuses("guidance", "[1]", two with { Guidance = one.Guidance });
        Refuses("text ids", "[2, 6, 3]", two with { TextIds = zeros(2, 6, 3) });
        Refuses("text ids", "[1, 7, 3]", two with { TextIds = one.TextIds });

        void Refuses(string name, string shape, FluxInputs inputs)
        {
            string message = Assert.Throws<NexusGenException>(() => inputs.Through(transformer)).Message;
            Assert.Contains(name, message, StringComparison.Ordinal);
            Assert.Contains(shape, message, StringComparison.Ordinal);
        }
    }

    private static void Predicts(string name, LoadOptions options, bool gradients, double? relative)
    {
        using var scope = NewDisposeScope();
        using var mode = set_grad_enabled(gradients);
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("flux-transformer", name);
        using FluxTransformer transformer = files.FluxPart(Path.Combine(TinyModel.Folder, reference.Value<string>("weights"))).Load(options);
        if (gradients)
        {
            foreach (Parameter parameter in transformer.Parameters)
            {
                parameter.Value.requires_grad_();
            }
        }

        Tensor velocity = transformer.Forward(
            reference.Tensor("latents"), reference.Tensor("timestep"), reference.Tensor("context"), reference.Tensor("pooled"),
            reference.Tensor("guidance"), reference.Tensor("text_ids"));
        Assert.Equal(options.Placement.Precision, velocity.dtype);
        Assert.Equal(gradients, velocity.requires_grad);
        TinyModel.AssertNear(reference.ExpectedTensor("velocity"), velocity.detach(), relative ?? reference.Tolerance.Relative!.Value);
    }
}
