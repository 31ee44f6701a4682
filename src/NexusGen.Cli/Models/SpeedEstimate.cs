using System.Diagnostics;
using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Cli.Models;

/// <summary>
/// Estimates the time of an image from a few products of one layer of the model's shape. An image is nearly all matrix products
/// of the transformer: 24·h² operations for a token and block, and 4·n·h for its attention to n tokens.
/// </summary>
internal static class SpeedEstimate
{
    // As many rows as an image of 512×512 has tokens, or fewer if the layer is large.
    private const long MostRows = 1024, LeastRows = 256;
    private const double MostOperations = 2e10;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    /// <summary>Counts the operations of an image with the model's default settings.</summary>
    /// <param name="model">The sizes and defaults.</param>
    public static double OperationsOf(NexusGenConfiguration model)
    {
        FluxConfiguration flux = model.Flux;
        ImageDefaults image = model.Defaults.Generate;
        double tokens = ((image.Width / 16.0) * (image.Height / 16.0)) + model.ImageTokens;
        double wide = (8.0 * flux.HiddenSize * flux.HiddenSize) + (4.0 * flux.HiddenSize * flux.MlpWidth);
        double block = (tokens * wide) + (4 * tokens * tokens * flux.HiddenSize);
        double step = block * (flux.Depth + flux.DepthSingleBlocks);
        return step * image.Steps * (image.CfgScale > 1 ? 2 : 1);
    }

    /// <summary>Measures the speed of a layer of the transformer in a storage format, in operations per second.</summary>
    /// <param name="flux">The sizes.</param>
    /// <param name="placement">The device and the types.</param>
    /// <param name="format">The format.</param>
    public static double Measure(FluxConfiguration flux, Placement placement, LinearFormat format)
    {
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        long outputs = (3L * flux.HiddenSize) + flux.MlpWidth;
        double row = 2.0 * flux.HiddenSize * outputs;
        long rows = MostRows * row <= MostOperations ? MostRows : LeastRows;
        var source = new WeightSource(new ConstantWeights(), new LoadOptions(placement) { LinearFormat = format });
        using var layer = new Linear(source["layer"], flux.HiddenSize, outputs);
        Tensor input = ones([1, rows, flux.HiddenSize], dtype: placement.Precision, device: placement.Device);
        Run(layer, input);
        var watch = Stopwatch.StartNew();
        int runs = 0;
        for (; runs < 2 || watch.Elapsed < Enough; runs++)
        {
            Run(layer, input);
        }

        return row * rows * runs / watch.Elapsed.TotalSeconds;
    }

    // Reading a value waits for the device.
    private static void Run(Linear layer, Tensor input)
    {
        using var scope = NewDisposeScope();
        _ = layer.Forward(input).flatten()[0].to(ScalarType.Float32).item<float>();
    }

    private sealed class ConstantWeights : IWeightProvider
    {
        public bool Contains(string name) => true;

        public Tensor Provide(in WeightRequest request)
        {
            using Tensor values = empty(request.Shape, dtype: ScalarType.Float32).fill_(Scalars.Of(0.01));
            return values.to(request.Type, request.Device).DetachFromDisposeScope();
        }
    }
}
