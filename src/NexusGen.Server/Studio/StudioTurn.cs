using System.Text.Json.Serialization;
using NexusGen.Server.Background;
using NexusGen.Server.Loras;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>A turn of a conversation: what the user asked, and the reply.</summary>
internal sealed record StudioTurn
{
    /// <summary>Gets the id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the time of the turn in seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>Gets the text of the user.</summary>
    public string Text { get; init; } = "";

    /// <summary>Gets the ids of the images that the turn is about. The last one is edited.</summary>
    public IReadOnlyList<string> Pictures { get; init; } = [];

    /// <summary>
    /// Gets whether the turn is about the last image that the conversation has when the reply begins. Then that image is in
    /// <see cref="Pictures"/>.
    /// </summary>
    public bool UsesLast { get; init; }

    /// <summary>Gets what the turn asks for: <c>auto</c>, <c>draw</c>, <c>edit</c> or <c>ask</c>.</summary>
    public string Action { get; init; } = "auto";

    /// <summary>Gets how images are generated.</summary>
    public PictureFields Picture { get; init; } = new();

    /// <summary>Gets the LoRAs of the turn, or null if it has none.</summary>
    public IReadOnlyList<NamedLora>? Loras { get; init; }

    /// <summary>Gets the number of images of a reply that has one.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Gets the state: that of background work (<see cref="BackgroundStatus"/>).</summary>
    public string Status { get; init; } = BackgroundStatus.Queued;

    /// <summary>Gets the id of the background work that computes the reply.</summary>
    public string Job { get; init; } = "";

    /// <summary>Gets the text of the reply, as far as it came.</summary>
    public string Reply { get; init; } = "";

    /// <summary>Gets the ids of the images of the reply.</summary>
    public IReadOnlyList<string> Drawn { get; init; } = [];

    /// <summary>Gets the ids of images that were generated later for the same turn, with other seeds.</summary>
    public IReadOnlyList<string> Variations { get; init; } = [];

    /// <summary>Gets the size that the model generates if the images were resized from it, or null.</summary>
    public string? GeneratedSize { get; init; }

    /// <summary>Gets why the turn failed, in a sentence, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the code of that error, or null.</summary>
    public string? Code { get; init; }

    /// <summary>
    /// Gets whether an image that the turn is about was deleted: without it, the turn would ask something else.
    /// </summary>
    public bool LacksPicture { get; init; }

    /// <summary>Gets whether the turn has a reply, or a part of one.</summary>
    [JsonIgnore]
    public bool IsAnswered => Reply.Length > 0 || Drawn.Count > 0;

    /// <summary>Returns the turn without images that were deleted.</summary>
    public StudioTurn Without(IReadOnlyList<string> pictures) => this with
    {
        LacksPicture = LacksPicture || Pictures.Any(pictures.Contains),
        Pictures = [.. Pictures.Where(id => !pictures.Contains(id))],
        Drawn = [.. Drawn.Where(id => !pictures.Contains(id))],
        Variations = [.. Variations.Where(id => !pictures.Contains(id))],
    };

    /// <summary>Returns the turn before it had a reply.</summary>
    public StudioTurn WithoutReply() => this with { Reply = "", Drawn = [], Variations = [], GeneratedSize = null };
}
