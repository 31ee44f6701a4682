namespace NexusGen.Text;

/// <summary>
/// A token that is recognised in the text before anything else is done to it: <c>&lt;|im_start|&gt;</c>, <c>&lt;/s&gt;</c>.
/// </summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether decoding may skip it: an added token that is not special always stays.</param>
/// <param name="StripLeft">Whether it swallows the white space before it.</param>
/// <param name="StripRight">Whether it swallows the white space after it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool StripLeft = false, bool StripRight = false);
