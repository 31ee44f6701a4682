using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Loras;

namespace NexusGen.Server.Gateway;

/// <summary>A request that must generate or edit an image, see <see cref="RequiredImage"/>.</summary>
/// <param name="Prompt">The description or instruction.</param>
/// <param name="Source">The image to edit, or null to generate one.</param>
/// <param name="Settings">The settings of the images.</param>
/// <param name="MaxTokens">The maximum number of tokens of the reply.</param>
internal sealed record ImageGeneration(string Prompt, RgbImage? Source, ImageSettings Settings, int MaxTokens)
{
    /// <summary>Gets the LoRAs of the request.</summary>
    public LoraSelection Loras { get; init; } = LoraSelection.None;

    private ReplySettings Reply => new() { MaxNewTokens = MaxTokens, Loras = Loras.Reply };

    private ImageSettings Images => Settings with { Loras = Loras.Images };

    /// <summary>Runs the request as a stream.</summary>
    /// <param name="model">The model.</param>
    /// <param name="progress">Receives progress reports.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The updates of the reply that has the images.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(
        NexusGenModel model, IProgress<ProgressReport> progress, CancellationToken cancellationToken) =>
        RequiredImage.StreamAsync(Reply, reply => Source is null
            ? model.StreamAsync(Generate(reply), progress, cancellationToken)
            : model.StreamAsync(Edit(Source, reply), progress, cancellationToken));

    private GenerateRequest Generate(ReplySettings reply) => new(Prompt) { Reply = reply, Settings = Images };

    private EditRequest Edit(RgbImage source, ReplySettings reply) => new(source, Prompt) { Reply = reply, Settings = Images };
}
