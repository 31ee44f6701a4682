using System.Text.Json;
using NexusGen.Requests;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Studio;

/// <summary>A new turn of a conversation.</summary>
internal sealed record StudioTurnRequest
{
    private const int MaxCount = 4;

    /// <summary>Gets the text.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Gets the ids of images of the gallery that the turn is about. The last one is edited: no other image of the conversation
    /// is, because the page shows beforehand which one it will be.
    /// </summary>
    public IReadOnlyList<string?>? Pictures { get; init; }

    /// <summary>
    /// Gets whether the turn is about the last image that the conversation has when its reply begins. This is for a turn that is
    /// sent while the reply before it is still coming, and it has no <see cref="Pictures"/>.
    /// </summary>
    public bool? UsesLast { get; init; }

    /// <summary>Gets what the turn asks for: <c>auto</c> (the default), <c>draw</c>, <c>edit</c> or <c>ask</c>.</summary>
    public string? Action { get; init; }

    /// <summary>Gets the number of images of a reply that has one: 1 (the default) to 4.</summary>
    public int? Count { get; init; }

    /// <summary>Gets how images are generated. Previews are sent even if none are requested.</summary>
    public PictureFields? Picture { get; init; }

    /// <summary>
    /// Gets the LoRAs of the turn: a list of objects with <c>name</c> and <c>strength</c>, or of texts like <c>style=0.8</c>.
    /// </summary>
    public JsonElement? Loras { get; init; }

    /// <summary>Reads the turn.</summary>
    /// <param name="limits">The limits of the server.</param>
    /// <param name="hasPicture">Returns whether an image is in the gallery.</param>
    /// <exception cref="ApiException">A field is invalid or exceeds a limit.</exception>
    public StudioTurn Read(Limits limits, Func<string, bool> hasPicture)
    {
        string text = Text?.Trim() ?? "";
        limits.TextLength(text.Length, "text");
        string[] pictures = [.. (Pictures ?? []).OfType<string>()];
        limits.Images(pictures.Length, "pictures");
        if (!pictures.All(hasPicture))
        {
            throw GalleryKeeper.Missing();
        }

        bool usesLast = UsesLast == true;
        if (usesLast && pictures.Length > 0)
        {
            throw ApiException.BadRequest("uses_last and pictures exclude each other: leave one of them out.", "uses_last");
        }

        ChatAction action = ImageSettingsReader.Action(Action, "action");
        bool hasNoPicture = pictures.Length == 0 && !usesLast;
        if (text.Length == 0 && (hasNoPicture || action is ChatAction.Draw or ChatAction.Edit))
        {
            throw ApiException.BadRequest("The turn has no text: say what to draw, to change, or ask something.", "text");
        }

        if (action == ChatAction.Edit && hasNoPicture)
        {
            throw ApiException.BadRequest("The turn has no picture to edit: attach one.", "pictures");
        }

        return new StudioTurn
        {
            Id = ShortTermStore<object>.NewId(""),
            Created = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            Text = text,
            Pictures = pictures,
            UsesLast = usesLast,
            Action = Action ?? "auto",
            Picture = Picture ?? new PictureFields(),
            Loras = limits.Model(null, Loras).Named is { Count: > 0 } loras ? loras : null,
            Count = limits.Count(Limits.InRange(Count, 1, MaxCount, "count"), "count"),
        };
    }
}

/// <summary>A request to compute the reply of a turn again.</summary>
internal sealed record StudioAgain
{
    /// <summary>Gets whether only another image is added to the reply, with a random seed.</summary>
    public bool? Variation { get; init; }
}

/// <summary>Where a reply waits.</summary>
/// <param name="Ahead">The number of replies and requests that come before it, or null if it doesn't wait in a queue.</param>
internal sealed record StudioPlace(int? Ahead);

/// <summary>A change of a conversation.</summary>
internal sealed record StudioConversationChange
{
    /// <summary>Gets the new title, or null to keep it.</summary>
    public string? Title { get; init; }

    /// <summary>Gets false to restore a deleted conversation, or null.</summary>
    public bool? Deleted { get; init; }
}

/// <summary>A search for conversations.</summary>
internal sealed record StudioConversationSearch
{
    /// <summary>Gets words that the title or a text of the user must contain, or null for all conversations.</summary>
    public string? Words { get; init; }
}

/// <summary>Conversations without their turns, the last changed first.</summary>
internal sealed record StudioConversationList(IReadOnlyList<StudioConversation> Conversations);
