using System.CommandLine;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch.Native;
using NexusGen.Weights.Modules;

namespace NexusGen.Cli.Options;

/// <summary>The options of the computation: device, precision, storage format of the weights, threads.</summary>
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

    private readonly Option<WeightFormats?> _weights = OptionOf.Weights();

    private readonly Option<bool> _fp8 = new("--fp8-quantization") { Hidden = true, Arity = ArgumentArity.Zero };

    private readonly Option<bool> _noMap = OptionOf.NoMapping();

    private readonly Option<int?> _threads = OptionOf.Integer("--threads", "Number of CPU threads. [one per core]", 1, 1024);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_device);
        command.Options.Add(_precision);
        command.Options.Add(_weights);
        command.Options.Add(_fp8);
        command.Options.Add(_noMap);
        command.Options.Add(_threads);
    }

    /// <summary>Returns the name of the device.</summary>
    public string Device(ParseResult parsed) => parsed.GetValue(_device) ?? "cpu";

    /// <summary>Returns the floating-point type.</summary>
    public Precision Precision(ParseResult parsed) => parsed.GetValue(_precision) ?? NexusGen.Core.Precision.Automatic;

    /// <summary>Returns the storage formats of the weights of linear layers.</summary>
    public WeightFormats Weights(ParseResult parsed) => parsed.GetValue(_weights) ?? (parsed.GetValue(_fp8)
        ? WeightFormats.Dense with { Decoders = DenseFormat.Float8 }
        : WeightFormats.Dense);

    /// <summary>Returns whether weights may be mapped into memory.</summary>
    public bool MapWeights(ParseResult parsed) => !parsed.GetValue(_noMap);

    /// <summary>Sets the number of threads if the command line names one.</summary>
    public void ApplyThreads(ParseResult parsed)
    {
        if (parsed.GetValue(_threads) is int threads)
        {
            NativeRuntime.Threads = threads;
        }
    }
}
