using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>The images that a turn of a conversation brings, by the rule that all callers share.</summary>
/// <param name="Images">The images of the turn: the attached ones, or the last one of the conversation.</param>
/// <param name="Source">The last image of the conversation if the rule attached it; otherwise, null.</param>
internal sealed record TurnImages(IReadOnlyList<RgbImage> Images, RgbImage? Source)
{
    /// <summary>Applies the rule.</summary>
    /// <param name="input">The turn.</param>
    /// <param name="last">The last image of the conversation, attached or generated, or null for none.</param>
    /// <exception cref="NexusGenException">There is no image to edit.</exception>
    public static TurnImages Of(ChatInput input, RgbImage? last)
    {
        if (input.Images.Count > 0 || input.Action == ChatAction.Draw)
        {
            return new TurnImages(input.Images, null);
        }

        if (input.Action == ChatAction.Edit && last is null)
        {
            throw new NexusGenException("There is no image to edit: attach one, or generate one first.");
        }

        bool takes = last is not null && (input.Action == ChatAction.Edit || input.UseLastImage);
        return takes ? new TurnImages([last!], last) : new TurnImages([], null);
    }
}
