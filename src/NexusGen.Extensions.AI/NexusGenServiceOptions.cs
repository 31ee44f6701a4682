using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Extensions.AI;

/// <summary>The options of a model as a service, bound from configuration.</summary>
public sealed class NexusGenServiceOptions
{
    /// <summary>Gets or sets the folder of the model.</summary>
    public string Model { get; set; } = "";

    /// <summary>Gets or sets the device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Gets or sets the floating-point type. If automatic, the default of the model is used.</summary>
    public Precision Precision { get; set; }

    /// <summary>
    /// Gets or sets the storage formats of the linear layers, as <see cref="WeightFormats.TryParse"/> reads them: <c>dense</c>,
    /// <c>int8</c>, <c>int4</c>, <c>decoder=int4,language-model=int8</c>.
    /// </summary>
    public string Weights { get; set; } = WeightFormats.Dense.ToString();

    /// <summary>Gets or sets whether weights may be memory-mapped; see <see cref="NexusGenOptions.MapWeights"/>.</summary>
    public bool MapWeights { get; set; } = true;

    /// <summary>Gets or sets the memory budget of weights and activations in bytes, or null for no limit.</summary>
    public long? MemoryBudget { get; set; }

    /// <summary>
    /// Gets or sets the maximum number of concurrent requests in one forward pass; see <see cref="NexusGenOptions.MaxBatch"/>.
    /// </summary>
    public int MaxBatch { get; set; } = 1;

    /// <summary>Gets or sets the name of the model in responses, or null for the name of its folder.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets the folders from which images can be read by <c>file:</c> URIs.</summary>
    public IList<string> AllowedFolders { get; } = [];

    /// <summary>
    /// Gets or sets whether a turn without an image uses the last generated image of the previous turn as its input.
    /// </summary>
    public bool SelectLastPicture { get; set; } = true;

    internal NexusGenOptions ToModelOptions() => new()
    {
        Device = Device,
        Precision = Precision,
        Weights = WeightFormats.TryParse(Weights, out WeightFormats? formats) ? formats : WeightFormats.Dense,
        MapWeights = MapWeights,
        MemoryBudget = MemoryBudget,
        MaxBatch = MaxBatch,
    };

    internal NexusGenClientOptions ToClientOptions() => new()
    {
        ModelId = ModelId,
        AllowedFolders = [.. AllowedFolders],
        SelectLastPicture = SelectLastPicture
    };
}
