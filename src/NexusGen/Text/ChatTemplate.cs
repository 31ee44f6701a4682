using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// Renders messages to the text that the model reads. All official models share the chat template of Qwen2.5-VL, which is
/// implemented here in code. A folder with a different template is rejected.
/// </summary>
internal static class ChatTemplate
{
    /// <summary>The system prompt of a conversation that has none.</summary>
    public const string DefaultSystemPrompt = "You are a helpful assistant.";

    /// <summary>The SHA-256 hash of the Jinja source that <see cref="Render"/> implements.</summary>
    private const string KnownTemplate = "a0bc6f6fc7a29a80017a433e8f03a1cc1236e838a944a2d034295a60c4f2fddb";

    /// <summary>
    /// Renders a conversation. The texts of the messages are inserted unchanged, as pieces of their own: a special token that
    /// someone typed is told from one of the template.
    /// </summary>
    /// <param name="messages">The messages in order.</param>
    /// <param name="addGenerationPrompt">Whether to open the assistant's turn at the end, for the model to reply.</param>
    public static PromptText Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<PromptPiece> pieces = [];
        if (messages.Count > 0 && messages[0].Role != ChatMessage.SystemRole)
        {
            AddTurn(pieces, ChatMessage.System(DefaultSystemPrompt));
        }

        foreach (ChatMessage message in messages)
        {
            AddTurn(pieces, message);
        }

        if (addGenerationPrompt)
        {
            pieces.Add(new PromptPiece($"{SpecialTokens.TurnStart}{ChatMessage.AssistantRole}\n", IsTemplate: true));
        }

        return new PromptText(pieces);
    }

    /// <summary>
    /// Checks that the chat template of a model folder (<c>chat_template.json</c> or <c>chat_template.jinja</c>) is the one that
    /// <see cref="Render"/> implements. A folder without a template passes the check.
    /// </summary>
    /// <param name="folder">A model folder such as <c>Nexus-GenV2</c>.</param>
    /// <exception cref="TokenizerException">The folder has a different template, or a file that can't be read.</exception>
    public static void Verify(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, "chat_template.json");
        string? template = null;
        if (File.Exists(path))
        {
            using JsonDocument document = TokenizerFiles.ReadJson(path);
            template = TokenizerFiles.NamedToken(document.RootElement, "chat_template")
                ?? throw new TokenizerException($"{path} has no string named chat_template.");
        }
        else if (File.Exists(path = Path.Combine(folder, "chat_template.jinja")))
        {
            template = Encoding.UTF8.GetString(TokenizerFiles.Read(path).Span);
        }

        if (template is not null && Hash(template) != KnownTemplate)
        {
            throw new TokenizerException(
                $"{path} is not the chat template of Qwen2.5-VL, the only one that is supported: with another one the model "
                + "would get prompts that it was not trained on. Use the official file, or delete this one.");
        }
    }

    private static void AddTurn(List<PromptPiece> pieces, ChatMessage message)
    {
        pieces.Add(new PromptPiece($"{SpecialTokens.TurnStart}{message.Role}\n", IsTemplate: true));
        foreach (ContentPart part in message.Content)
        {
            pieces.Add(part is TextPart words
                ? new PromptPiece(words.Text, IsTemplate: false)
                : new PromptPiece(SpecialTokens.Image, IsTemplate: true));
        }

        pieces.Add(new PromptPiece($"{SpecialTokens.TurnEnd}\n", IsTemplate: true));
    }

    private static string Hash(string template) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.ReplaceLineEndings("\n").TrimEnd('\n'))));
}
