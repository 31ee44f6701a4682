using Microsoft.Extensions.AI;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>Counts what a chat client's updates tell.</summary>
internal static class UpdateCounting
{
    /// <summary>Counts an update.</summary>
    public static void Count(ModelGateway.Work work, ChatResponseUpdate update)
    {
        switch (update.RawRepresentation)
        {
            case ReplyUpdate piece:
                work.Count(piece);
                break;
            case Reply reply:
                work.Count(new ReplyUpdate.Finished(reply));
                break;
            case DrawnPicture picture:
                work.Count(new ReplyUpdate.PictureFinished(picture));
                break;
        }
    }
}
