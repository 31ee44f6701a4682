using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Weights.Modules;

namespace NexusGen.Extensions.AI;

/// <summary>Which model a service uses and how; bound from configuration.</summary>
public sealed class NexusGenServiceOptions
{
    /// <summary>The model's folder.</summary>
    public string Model { get; set; } = "";

    /// <summary>Where it computes: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>The floating-point type; the model's default where it is automatic.</summary>
    public Precision Precision { get; set; }

    /// <summary>Whether the decoders' weights are kept in eight bits.</summary>
    public bool Float8Decoders { get; set; }

    /// <summary>How many bytes weights and activations may take; no bound where null.</summary>
    public long? MemoryBudget { get; set; }

    /// <summary>How many requests that run at the same time are computed in one pass; see <see cref="NexusGenOptions.MaxBatch"/>.</summary>
    public int MaxBatch { get; set; } = 1;

    /// <summary>The model's name in responses; the name of its folder where null.</summary>
    public string? ModelId { get; set; }

    /// <summary>Folders whose pictures may be named by <c>file:</c> addresses.</summary>
    public IList<string> AllowedFolders { get; } = [];

    /// <summary>Whether a turn without a picture is shown the last one that was drawn.</summary>
    public bool SelectLastPicture { get; set; } = true;

    internal NexusGenOptions ToModelOptions() => new()
    {
        Device = Device,
        Precision = Precision,
        DecoderWeights = Float8Decoders ? DenseFormat.Float8 : DenseFormat.Instance,
        MemoryBudget = MemoryBudget,
        MaxBatch = MaxBatch,
    };

    internal NexusGenClientOptions ToClientOptions() => new() { ModelId = ModelId, AllowedFolders = [.. AllowedFolders], SelectLastPicture = SelectLastPicture };
}
