namespace NexusGen.Text;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role">The role of the author: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The parts of the message in order.</param>
internal sealed record ChatMessage(string Role, IReadOnlyList<ContentPart> Content)
{
    /// <summary>The role of the system prompt at the start of a conversation.</summary>
    public const string SystemRole = "system";

    /// <summary>The role of the user.</summary>
    public const string UserRole = "user";

    /// <summary>The role of the model.</summary>
    public const string AssistantRole = "assistant";

    /// <summary>Gets the number of images in the message.</summary>
    public int ImageCount => Content.Count(part => part is ImagePart);

    /// <summary>Creates a system message.</summary>
    /// <param name="content">The texts and images in order.</param>
    public static ChatMessage System(params IReadOnlyList<ContentPart> content) => new(SystemRole, content);

    /// <summary>Creates a message of the user.</summary>
    /// <param name="content">The texts and images in order.</param>
    public static ChatMessage User(params IReadOnlyList<ContentPart> content) => new(UserRole, content);

    /// <summary>Creates a message of the model.</summary>
    /// <param name="content">The texts and images in order.</param>
    public static ChatMessage Assistant(params IReadOnlyList<ContentPart> content) => new(AssistantRole, content);
}
