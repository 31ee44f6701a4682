using System.CommandLine;
using NexusGen.Core;
using NexusGen.Torch.Native;
using NexusGen.Weights.Modules;

namespace NexusGen.Cli.Options;

/// <summary>Where and how it is computed: device, precision, storage of weights, threads.</summary>
internal sealed class ComputeOptions
{
    private readonly Option<string?> _device = OptionOf.Device();

    private readonly Option<Precision?> _precision = OptionOf.ValueChoice(
        "--precision",
        "Floating-point type of weights and activations.",
        ("auto", NexusGen.Core.Precision.Automatic),
        ("float32", NexusGen.Core.Precision.Float32),
        ("bfloat16", NexusGen.Core.Precision.BFloat16),
        ("float16", NexusGen.Core.Precision.Float16));

    private readonly Option<ILinearFormat?> _weights = OptionOf.Choice<ILinearFormat>(
        "--weights",
        "How the decoders' linear layers store their weights; fp8 takes half the memory of bfloat16. [dense]",
        ("dense", DenseFormat.Instance),
        ("fp8", DenseFormat.Float8));

    private readonly Option<bool> _fp8 = new("--fp8-quantization") { Hidden = true, Arity = ArgumentArity.Zero };

    private readonly Option<int?> _threads = OptionOf.Whole("--threads", "How many threads compute. [one a core]", 1, 1024);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_device);
        command.Options.Add(_precision);
        command.Options.Add(_weights);
        command.Options.Add(_fp8);
        command.Options.Add(_threads);
    }

    /// <summary>The device's name.</summary>
    public string Device(ParseResult parsed) => parsed.GetValue(_device) ?? "cpu";

    /// <summary>The floating-point type.</summary>
    public Precision Precision(ParseResult parsed) => parsed.GetValue(_precision) ?? NexusGen.Core.Precision.Automatic;

    /// <summary>How linear layers store their weights.</summary>
    public ILinearFormat Weights(ParseResult parsed) =>
        parsed.GetValue(_weights) ?? (parsed.GetValue(_fp8) ? DenseFormat.Float8 : DenseFormat.Instance);

    /// <summary>Sets the number of threads, where one is named.</summary>
    public void ApplyThreads(ParseResult parsed)
    {
        if (parsed.GetValue(_threads) is int threads)
        {
            NativeRuntime.Threads = threads;
        }
    }
}
