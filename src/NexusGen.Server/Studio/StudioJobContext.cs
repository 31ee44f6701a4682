using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>What the turns of the studio need of the server.</summary>
/// <param name="Conversations">The conversations.</param>
/// <param name="Keeper">The gallery.</param>
/// <param name="Reader">Decodes images.</param>
/// <param name="Limits">The limits.</param>
internal sealed record StudioJobContext(
    ConversationStore Conversations, GalleryKeeper Keeper, ImageReader Reader, Limits Limits);
