using System.Text.Json;
using NexusGen.Requests;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>Creates the jobs of turns, and restores those that an earlier server left unfinished.</summary>
/// <param name="context">What the turns need. A server without the studio has no gallery until it is needed.</param>
/// <param name="gateway">The model, for its defaults.</param>
internal sealed class StudioJobs(Lazy<StudioJobContext> context, ModelGateway gateway) : IBackgroundKind
{
    private const int Previews = 8;

    /// <inheritdoc/>
    public string Kind => StudioJob.Name;

    /// <summary>Reads the settings of a turn's images.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="variation">true for one image with a random seed.</param>
    /// <exception cref="ApiException">A field is invalid or exceeds a limit.</exception>
    public ImageSettings Settings(StudioTurn turn, bool variation = false)
    {
        int steps = context.Value.Limits.Steps(turn.Picture.Steps, "picture.steps")
            ?? gateway.Defaults(editing: turn.Action == "edit").Steps;
        PictureFields fields = turn.Picture with
        {
            PreviewEvery = turn.Picture.PreviewEvery ?? Math.Max(1, steps / Previews),
            Seed = variation ? null : turn.Picture.Seed,
        };
        return ImageSettingsReader.Read(fields, context.Value.Limits) with { Count = variation ? 1 : turn.Count };
    }

    /// <summary>Creates the job of a turn.</summary>
    /// <param name="owner">The owner of the conversation.</param>
    /// <param name="conversation">The id of the conversation.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="settings">The settings of its images.</param>
    /// <param name="variation">true to add an image to the reply.</param>
    public BackgroundJob Create(
        string owner, string conversation, StudioTurn turn, ImageSettings settings, bool variation = false) =>
        new StudioJob(
            new SavedStudioTurn(owner, turn.Id, turn.Job, settings.Seed!.Value, variation, conversation),
            turn,
            settings,
            context.Value);

    /// <inheritdoc/>
    public BackgroundJob Restore(byte[] saved)
    {
        SavedStudioTurn of = JsonSerializer.Deserialize(saved, StudioJson.Default.SavedStudioTurn)!;
        StudioTurn turn = context.Value.Conversations.FindTurn(of.Owner, of.Turn)?.Turn ?? throw StudioJob.Gone();
        ImageSettings settings = Settings(turn, of.IsVariation) with { Seed = of.Seed };

        // From its beginning: what had come of it is computed again.
        StudioTurn begun = of.IsVariation ? turn : turn.WithoutReply();
        return new StudioJob(of, begun with { Status = BackgroundStatus.Queued }, settings, context.Value);
    }
}
