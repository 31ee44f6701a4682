using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Weights.Modules;

namespace NexusGen.Verification;

/// <summary>
/// The options of a <see cref="Verifier"/>. By default, cases are computed as the reference was: on the CPU in float32.
/// </summary>
public sealed record VerifierOptions
{
    /// <summary>Gets the name of the device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Gets the floating-point type. <see cref="Precision.Automatic"/> is float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Gets the storage format of the weights of linear layers.</summary>
    public LinearFormat LinearFormat { get; init; } = DenseFormat.Instance;

    /// <summary>Gets whether weights may be memory-mapped; otherwise, they are read.</summary>
    public bool MapWeights { get; init; } = true;

    /// <summary>
    /// Gets the kinds of cases that are computed; cases of other kinds fail. Those that this project has by default.
    /// </summary>
    public IReadOnlyList<CaseKinds> Kinds { get; init; } =
        [CaseKinds.Inference, CaseKinds.WeightFormats, CaseKinds.LoraFiles];

    /// <summary>Gets the folder that results are written to, or null to write nothing.</summary>
    public string? WriteTo { get; init; }

    /// <summary>Creates the options that the models of the cases are loaded with.</summary>
    /// <exception cref="NexusGenException">There is no such device.</exception>
    internal LoadOptions Load() => new(Placement.Open(Device, Precision, Precision.Float32))
    {
        LinearFormat = LinearFormat,
        MapFiles = MapWeights,
    };
}
