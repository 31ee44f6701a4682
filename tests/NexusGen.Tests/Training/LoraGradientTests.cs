using NexusGen.Autoregressive;
using NexusGen.Diffusion.Flux;
using NexusGen.Tests.Autoregressive;
using NexusGen.Tests.Diffusion;
using NexusGen.Training.Gradients;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>
/// The gradients of a LoRA's matrices are those that the gradient of the whole weight gives: dB = s·dW·Aᵀ and dA = s·Bᵀ·dW.
/// </summary>
public sealed class LoraGradientTests
{
    private static readonly string[] FluxLayers =
    [
        "double_blocks.0.img_attn.qkv", "double_blocks.1.txt_mlp.2", "double_blocks.1.img_mod.lin", "single_blocks.0.linear1",
        "single_blocks.2.linear2", "final_layer.linear",
    ];

    private static readonly string[] LanguageLayers =
    [
        "model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.v_proj", "model.layers.1.mlp.gate_proj",
        "model.layers.2.mlp.down_proj", "vision_head",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfFlux(bool checkpointed)
    {
        using var scope = NewDisposeScope();
        FluxInputs inputs = SmallFlux.Inputs(2);
        AssertGradients(
            FluxLayers, 7, source => new FluxTransformer(source, SmallFlux.Sizes),
            model => inputs.Through(model).square().mean(),
            model => model.BlockRunner = checkpointed ? GradientCheckpointing.Run : null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfTheLanguageModel(bool checkpointed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        Tensor inputs = randn([2, 9, 48], generator: generator), weights = randn([2, 9, 48], generator: generator);
        Tensor positions = arange(9).view(1, 1, 9).expand(3, 2, 9).contiguous();
        AssertGradients(
            LanguageLayers, 3, source => new LanguageModel(source, SmallModel.Configuration),
            model => (model.ImageEmbeddings(model.Forward(inputs, positions)) * weights).mean(),
            model => model.BlockRunner = checkpointed ? GradientCheckpointing.Run : null);
    }

    // Blocks that are read at each use are read again when the backward pass reaches them.
    [Fact]
    public void OfStreamedBlocks()
    {
        using var scope = NewDisposeScope();
        FluxInputs inputs = SmallFlux.Inputs(1);
        using FluxTransformer shapes = SmallFlux.Build();
        Dictionary<string, Tensor> Gradients(BlockResidency? residency)
        {
            List<TrainedDelta> changes = Changes(FluxLayers, shapes);
            using FluxTransformer model = SmallFlux.Build(
                LoadOptions.Reference with { Residency = residency, Trained = Collect(changes) });
            model.BlockRunner = GradientCheckpointing.Run;
            for (int i = 0; i < 2; i++)
            {
                GradientCheckpointing.Backward(inputs.Through(model).square().mean());
            }

            return Gradient(changes);
        }

        long blocks = shapes.Descendants.OfType<IBlockList>().Sum(list => ((Module)list).ByteLength);
        var residency = new BlockResidency(blocks * 3 / 4);
        Dictionary<string, Tensor> resident = Gradients(null), streamed = Gradients(residency);
        Assert.InRange(residency.StreamedBlocks, 1, 5);
        Assert.Equal(FluxLayers.Length * 2, streamed.Count);
        Assert.All(resident, pair => Assert.True(pair.Value.Equals(streamed[pair.Key]), pair.Key));
    }

    // Weights that are kept in fewer bits give the gradients of their values, in products of several tiles too.
    [Theory]
    [InlineData(40, 24)]
    [InlineData(3000, 900)]
    public void OfInputsOfFrozenWeightsInFewerBits(long inFeatures, long outFeatures)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(8);
        Tensor matrix = randn([outFeatures, inFeatures], generator: generator).to(ScalarType.BFloat16);
        Tensor bias = randn([outFeatures], generator: generator);
        Tensor first = randn([2, 5, inFeatures], generator: generator).requires_grad_(true);
        Tensor second = first.detach().clone().requires_grad_(true);
        Tensor weights = randn([2, 5, outFeatures], generator: generator);
        Tensor low = DenseFormat.Multiply(first, matrix, bias);
        low.narrow(-1, 3, 4).add_(first.narrow(-1, 0, 4));
        (low * weights).sum().backward();
        Tensor full = nn.functional.linear(second, matrix.to(ScalarType.Float32), bias);
        full.narrow(-1, 3, 4).add_(second.narrow(-1, 0, 4));
        (full * weights).sum().backward();
        SmallModel.AssertClose(full.detach(), low.detach(), 1e-5);
        SmallModel.AssertClose(second.grad!, first.grad!, 1e-5);
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("fp8")]
    public void OfInputsOfEveryStorageFormat(string name)
    {
        using var scope = NewDisposeScope();
        LinearFormat format = name switch
        {
            "int8" => Int8Format.Instance,
            "int4" => BlockedFormat.Int4,
            _ => DenseFormat.Float8,
        };
        using var generator = new Generator(8);
        var source = new WeightSource(new RandomWeights(2), LoadOptions.Reference with { LinearFormat = format });
        using var layer = new Linear(source, 512, 96);
        Tensor input = randn([3, 512], generator: generator).requires_grad_(true);
        Tensor weights = randn([3, 96], generator: generator);
        (layer.Forward(input) * weights).sum().backward();
        SmallModel.AssertClose(weights.matmul(layer.Weight.Widen(ScalarType.Float32)), input.grad!, 1e-5);
    }

    [Fact]
    public void DropoutIsTheSameEachTimeABatchIsComputed()
    {
        using var scope = NewDisposeScope();
        FluxInputs inputs = SmallFlux.Inputs(1);
        using FluxTransformer shapes = SmallFlux.Build();
        (float Loss, Dictionary<string, Tensor> Gradients) Compute(ulong? seed, BlockRunner? runner)
        {
            List<TrainedDelta> changes = Changes(FluxLayers, shapes, dropout: 0.5);
            using FluxTransformer model = SmallFlux.Build(LoadOptions.Reference with { Trained = Collect(changes) });
            model.BlockRunner = runner;
            using IDisposable batch = DropoutSeed.Enter(seed);
            Tensor loss = inputs.Through(model).square().mean();
            GradientCheckpointing.Backward(loss);
            return (loss.item<float>(), Gradient(changes));
        }

        (float first, Dictionary<string, Tensor> gradients) = Compute(1, null);
        (float again, Dictionary<string, Tensor> recomputed) = Compute(1, GradientCheckpointing.Run);
        Assert.Equal(first, again);
        Assert.All(gradients, pair => SmallModel.AssertClose(pair.Value, recomputed[pair.Key], 1e-5));
        Assert.NotEqual(first, Compute(2, null).Loss);
        Assert.NotEqual(first, Compute(null, null).Loss);
        Assert.Null(DropoutSeed.Current);
    }

    private static void AssertGradients<T>(
        string[] layers, ulong seed, Func<WeightSource, T> build, Func<T, Tensor> loss, Action<T> prepare)
        where T : Module
    {
        using T shapes = build(new WeightSource(new RandomWeights(seed), LoadOptions.Reference).ShapesOnly());
        List<TrainedDelta> changes = Changes(layers, shapes);
        LinearDeltas deltas = Collect(changes);
        using T adapted = build(new WeightSource(new RandomWeights(seed), LoadOptions.Reference with { Trained = deltas }));
        prepare(adapted);
        Tensor low = loss(adapted);
        GradientCheckpointing.Backward(low);
        Assert.All(adapted.Parameters, parameter => Assert.Null(parameter.Value.grad));

        using T merged = build(
            new WeightSource(new MergedWeights(new RandomWeights(seed), deltas), LoadOptions.Reference));
        Dictionary<string, Parameter> whole = merged.Parameters.ToDictionary(parameter => parameter.Name);
        foreach (Parameter parameter in whole.Values)
        {
            parameter.Value.requires_grad_(true);
        }

        Tensor full = loss(merged);
        full.backward();
        Assert.Equal(full.item<float>(), low.item<float>(), 1e-5 * Math.Abs(full.item<float>()) + 1e-7);
        foreach (TrainedDelta change in changes)
        {
            Tensor gradient = whole[change.Path + ".weight"].Value.grad! * change.Scale;
            SmallModel.AssertClose(gradient.matmul(change.Down.Value.detach().t()), change.Up.Value.grad!, 1e-5);
            SmallModel.AssertClose(change.Up.Value.detach().t().matmul(gradient), change.Down.Value.grad!, 1e-5);
        }
    }

    private static List<TrainedDelta> Changes(string[] paths, Module model, double dropout = 0)
    {
        using var generator = new Generator(9);
        Dictionary<string, Linear> layers = model.Descendants.OfType<Linear>().ToDictionary(layer => layer.Path);
        Parameter New(string name, params long[] shape) =>
            new(name, (randn(shape, generator: generator) * 0.1).requires_grad_(true));
        return
        [
            .. paths.Select(path => new TrainedDelta(
                path, New(path + ".A", 3, layers[path].InFeatures), New(path + ".B", layers[path].OutFeatures, 3), 0.7)
            {
                Dropout = dropout,
            }),
        ];
    }

    private static LinearDeltas Collect(List<TrainedDelta> changes)
    {
        var deltas = new LinearDeltas();
        changes.ForEach(change => deltas.Add(change.Path, change, 1));
        return deltas;
    }

    private static Dictionary<string, Tensor> Gradient(List<TrainedDelta> changes) => changes
        .SelectMany(change => (Parameter[])[change.Down, change.Up])
        .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.grad!);
}
