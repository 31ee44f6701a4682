using NexusGen.Weights.Modules;

namespace NexusGen.Verification;

/// <summary>How reference cases are computed.</summary>
public sealed record VerifierOptions
{
    /// <summary>Device, precision and storage of the models' weights; the cases were made on a CPU in float32.</summary>
    public LoadOptions Load { get; init; } = LoadOptions.Reference;

    /// <summary>The kinds of cases that are computed; cases of other kinds fail. <see cref="CaseKinds.Inference"/> by default.</summary>
    public IReadOnlyList<CaseKinds> Kinds { get; init; } = [CaseKinds.Inference];

    /// <summary>A folder that gets what was computed; nothing is written where null.</summary>
    public string? WriteTo { get; init; }
}
