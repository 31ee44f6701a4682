using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A turn of a conversation that is over.</summary>
/// <param name="Input">What the user said; null where the model spoke unasked, as at the beginning.</param>
/// <param name="Images">The pictures of the user's turn, the selected one among them.</param>
/// <param name="ReplyText">What the model answered, with <c>&lt;image&gt;</c> in the place of each drawn picture.</param>
/// <param name="Drawn">The pictures that it drew, one for each mark.</param>
public sealed record ChatTurn(ChatInput? Input, IReadOnlyList<RgbImage> Images, string ReplyText, IReadOnlyList<RgbImage> Drawn)
{
    /// <summary>The whole reply; null of a turn that was told and not lived through.</summary>
    public Reply? Reply { get; init; }

    /// <summary>A turn that ended with a reply.</summary>
    /// <param name="input">What the user said.</param>
    /// <param name="images">The pictures of the user's turn, the selected one among them.</param>
    /// <param name="reply">The reply; of several pictures of one place the last counts.</param>
    internal static ChatTurn Of(ChatInput input, IReadOnlyList<RgbImage> images, Reply reply)
    {
        IReadOnlyList<DrawnPicture> pictures = reply is PictureReply drawing ? drawing.Pictures : [];
        return new ChatTurn(input, images, reply.Text, [.. pictures.GroupBy(picture => picture.Index).Select(place => place.Last().Image)]) { Reply = reply };
    }
}
