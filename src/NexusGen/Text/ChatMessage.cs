namespace NexusGen.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said, in order.</param>
public sealed record ChatMessage(string Role, IReadOnlyList<ContentPart> Content)
{
    /// <summary>The role of the instructions that stand before everything.</summary>
    public const string SystemRole = "system";

    /// <summary>The role of the person.</summary>
    public const string UserRole = "user";

    /// <summary>The role of the model.</summary>
    public const string AssistantRole = "assistant";

    /// <summary>How many images the message holds.</summary>
    public int ImageCount => Content.Count(part => part is ImagePart);

    /// <summary>A system turn.</summary>
    /// <param name="text">The instructions.</param>
    public static ChatMessage System(string text) => new(SystemRole, [text]);

    /// <summary>A turn of the person's.</summary>
    /// <param name="content">Texts and images in order.</param>
    public static ChatMessage User(params IReadOnlyList<ContentPart> content) => new(UserRole, content);

    /// <summary>A turn of the model's.</summary>
    /// <param name="content">Texts and images in order.</param>
    public static ChatMessage Assistant(params IReadOnlyList<ContentPart> content) => new(AssistantRole, content);
}
