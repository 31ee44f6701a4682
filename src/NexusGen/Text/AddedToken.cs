namespace NexusGen.Text;

/// <summary>
/// A token that is recognized in the raw text before any other processing, such as <c>&lt;|im_start|&gt;</c> or
/// <c>&lt;/s&gt;</c>.
/// </summary>
/// <param name="Id">The token id.</param>
/// <param name="Content">The text of the token.</param>
/// <param name="Special">Whether decoding can skip the token. Added tokens that are not special are always kept.</param>
/// <param name="StripLeft">Whether the token includes the white space before it.</param>
/// <param name="StripRight">Whether the token includes the white space after it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool StripLeft = false, bool StripRight = false);
